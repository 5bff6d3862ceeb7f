import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Allowance } from './allowance.ts';
import type { Rates } from './rates.ts';

declare module 'fastify' {
  interface FastifyInstance {
    rates: Pick<Rates, 'of' | 'windowS'>;
  }
  interface FastifyRequest {
    /** The units of the principal. Absent if it has no limit. */
    allowance: Allowance | undefined;
  }
}

/** Takes a unit for every request of a principal with a limit. Call it after `admitCallers`. */
export function limitRates(fastify: FastifyInstance, rates: Pick<Rates, 'of' | 'windowS'>): void {
  fastify.decorate('rates', rates);
  fastify.decorateRequest('allowance');
  fastify.addHook('onRequest', (request, reply, done) => {
    if (request.routeOptions.config.scope === undefined) return done();
    const allowance = rates.of(request.caller.principal);
    if (!allowance) return done();
    request.allowance = allowance;
    try {
      const charged = charge(reply, 1);
      if (charged) charged.then(() => done(), (refusal: unknown) => done(refusal as Error));
      else done();
    } catch (refusal) {
      done(refusal as Error);
    }
  });
}

/**
 * Takes units of the principal of a request, and sets the `RateLimit` fields of the answer
 * (https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/10/). Throws or rejects with `rate.exceeded`.
 */
export function charge(reply: FastifyReply, units: number): Promise<void> | undefined {
  const { allowance } = reply.request;
  if (!allowance || units <= 0) return undefined;
  const tell = (): void => tellLimit(reply, allowance);
  try {
    const taken = allowance.take(units);
    if (taken) return taken.finally(tell);
    tell();
    return undefined;
  } catch (refusal) {
    tell();
    throw refusal;
  }
}

function tellLimit(reply: FastifyReply, { quota, remaining, endsInMs }: Allowance): void {
  const { windowS } = reply.server.rates;
  const resetS = endsInMs === undefined ? windowS : Math.ceil(endsInMs / 1_000);
  void reply.header('ratelimit-policy', `"requests";q=${quota};w=${windowS}`);
  void reply.header('ratelimit', `"requests";r=${remaining};t=${resetS}`);
}
