import { BaseConfig, HttpConfig, nestHttpApp, portFromEnvironment } from '@aisle/platform';
import { GatewayModule } from './gateway.module.ts';
import { serveOpenApi } from './routes/openapi.ts';
import { prepareRoutes } from './routes/prepare-routes.ts';

/** The HTTP edge, which is the only app with routes for clients. It keeps no state. */
export const gateway = nestHttpApp({
  name: 'gateway',
  config: BaseConfig.extend({ ...HttpConfig.shape, PORT: portFromEnvironment.default(3000) }),
  module: GatewayModule,
  prepare(app) {
    prepareRoutes(app);
    serveOpenApi(app);
  },
});
