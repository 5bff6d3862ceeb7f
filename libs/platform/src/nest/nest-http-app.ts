import type { AddressInfo } from 'node:net';
import type { Type } from '@nestjs/common';
import type { z } from 'zod';
import type { BaseConfig, HttpConfig } from '../config.ts';
import { createHttpApp, type HttpApp } from '../http/http-app.ts';
import { LocalRequests } from '../http/local-requests.ts';
import { HttpServerModule } from './http-server.module.ts';
import { nestApp, runningNestApp, type NestAppDefinition } from './nest-app.ts';

/** The declaration of a Nest app that serves HTTP. */
export interface NestHttpAppOptions<S extends typeof BaseConfig> {
  readonly name: string;
  /** The app's database schema, if it has one. */
  readonly schema?: string;
  /** Includes the settings of `HttpConfig`. */
  readonly config: S & z.ZodType<z.infer<typeof HttpConfig>>;
  readonly module: Type;
  /** Whether requests need no credential. They must come from this machine then, and not from web pages of other origins. */
  readonly isOpen?: (config: z.infer<S>) => boolean;
  /** Configures the application before it listens. */
  readonly prepare: (app: HttpApp) => void;
}

/** As `nestApp`, for an app whose controllers serve HTTP. Its shutdown answers every request before it stops the parts that they need. */
export function nestHttpApp<S extends typeof BaseConfig>({ name, schema, config, module, isOpen, prepare }: NestHttpAppOptions<S>): NestAppDefinition<S> {
  const { root } = nestApp({ name, schema, config, module: () => ({ module: HttpServerModule, imports: [module] }) });
  return {
    name, config, root,
    async start(context) {
      const { HOST, HOSTS_ALLOWED, PORT, CORS_ORIGINS, HSTS_SECONDS } = context.config as z.infer<typeof BaseConfig & typeof HttpConfig>;
      const app = await createHttpApp(root(context), context.logger, {
        headers: HSTS_SECONDS === 0 ? {} : { 'strict-transport-security': `max-age=${HSTS_SECONDS}` },
        corsOrigins: CORS_ORIGINS,
        ...(isOpen?.(context.config) ? { local: new LocalRequests(HOSTS_ALLOWED) } : {}),
      });
      prepare(app);
      await app.listen(PORT, HOST);
      const { port } = app.getHttpServer().address() as AddressInfo;
      context.logger.info(`${name} listening`, { url: `http://${HOST}:${port}` });
      return runningNestApp(app);
    },
  };
}
