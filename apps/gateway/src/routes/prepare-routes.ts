import { MARKET_LIMITS } from '@aisle/contracts';
import type { HttpApp } from '@aisle/platform';
import { Identity } from '../identity/identity.ts';
import { acceptNdjson } from '../markets/ndjson.ts';
import { serveProblemPages } from '../problems/problem-pages.ts';
import { limitRates } from '../rates/limit-rates.ts';
import { Rates } from '../rates/rates.ts';
import { admitCallers } from './caller.ts';

/** The parts of the gateway that admit requests. */
export interface Admission {
  readonly identity: Pick<Identity, 'principalOf'>;
  readonly rates: Pick<Rates, 'of' | 'windowS'>;
}

/** Finds the caller of each request, limits the requests of each principal, and accepts NDJSON. Call it before the application listens. */
export function prepareRoutes(app: HttpApp, { identity, rates }: Admission = admissionOf(app)): void {
  const fastify = app.getHttpAdapter().getInstance();
  admitCallers(fastify, identity);
  limitRates(fastify, rates);
  acceptNdjson(fastify, MARKET_LIMITS.importBytes);
  serveProblemPages(app);
}

function admissionOf(app: HttpApp): Admission {
  return { identity: app.get(Identity, { strict: false }), rates: app.get(Rates, { strict: false }) };
}
