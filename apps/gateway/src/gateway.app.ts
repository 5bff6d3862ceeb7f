import { nestHttpApp } from '@aisle/platform';
import { GatewayModule } from './gateway.module.ts';
import { GatewayConfig } from './identity/identity.config.ts';
import { serveOpenApi } from './routes/openapi.ts';
import { prepareRoutes } from './routes/prepare-routes.ts';

/** The HTTP edge, which is the only app with routes for clients. It keeps no state that another gateway does not find in PostgreSQL. */
export const gateway = nestHttpApp({
  name: 'gateway',
  schema: 'gateway',
  config: GatewayConfig,
  module: GatewayModule,
  isOpen: ({ ANONYMOUS_SCOPES }) => ANONYMOUS_SCOPES !== undefined,
  prepare(app) {
    prepareRoutes(app);
    serveOpenApi(app);
  },
});
