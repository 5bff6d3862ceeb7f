import { MARKET_LIMITS } from '@aisle/contracts';
import type { HttpApp } from '@aisle/platform';
import { acceptNdjson } from '../markets/ndjson.ts';
import { admitCallers } from './caller.ts';

/** Sets the caller of each request, and accepts NDJSON. Call it before the application listens. */
export function prepareRoutes(app: HttpApp): void {
  const fastify = app.getHttpAdapter().getInstance();
  admitCallers(fastify);
  acceptNdjson(fastify, MARKET_LIMITS.importBytes);
}
