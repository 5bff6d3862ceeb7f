import { MARKET_LIMITS } from '@aisle/contracts';
import type { HttpApp } from '@aisle/platform';
import { acceptNdjson } from '../markets/ndjson.ts';
import { admitCallers } from './caller.ts';

/** Gives each request its caller, and accepts NDJSON; called before the application listens. */
export function prepareRoutes(app: HttpApp): void {
  const fastify = app.getHttpAdapter().getInstance();
  admitCallers(fastify);
  acceptNdjson(fastify, MARKET_LIMITS.importBytes);
}
