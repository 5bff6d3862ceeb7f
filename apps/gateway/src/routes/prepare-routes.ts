import { MARKET_LIMITS } from '@aisle/contracts';
import type { HttpApp } from '@aisle/platform';
import type { Identity } from '../identity/identity.ts';
import { acceptNdjson } from '../markets/ndjson.ts';
import { serveProblemPages } from '../problems/problem-pages.ts';
import { admitCallers } from './caller.ts';

/** Finds the caller of each request, and accepts NDJSON. Call it before the application listens. */
export function prepareRoutes(app: HttpApp, identity: Pick<Identity, 'principalOf'>): void {
  const fastify = app.getHttpAdapter().getInstance();
  admitCallers(fastify, identity);
  acceptNdjson(fastify, MARKET_LIMITS.importBytes);
  serveProblemPages(app);
}
