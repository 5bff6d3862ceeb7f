import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { BasketCondition, Principal, Scope } from '@aisle/contracts';
import { authorize, type RouteRights } from '../identity/authority.ts';
import type { Identity } from '../identity/identity.ts';
import { checkConditions, preconditionOf } from './conditions.ts';
import { commandIdOf } from './idempotency-key.ts';

/** The sender of a request: principal, trace, command id and conditions. */
export interface Caller {
  readonly principal: Principal;
  readonly tenant: string;
  /** The name of the principal, for records of who did what. */
  readonly by: string;
  /** The W3C trace context of the request. */
  readonly traceparent: string;
  /** The `Idempotency-Key`, or a new id. A command is applied at most once under it. Throws `idempotency.key_invalid` (invalid). */
  readonly commandId: string;
  /** The conditions of `If-Match` and `If-None-Match`, and the opening of the basket to which a shopper is restricted. */
  readonly precondition: BasketCondition;
  /** Whether the caller prefers an answer without the document: `Prefer: return=minimal` (RFC 7240, section 4.2). */
  readonly prefersMinimal: boolean;
}

/** The parameter decorator for the `Caller` of a request. */
export const Caller = createParamDecorator((_data: unknown, context: ExecutionContext) => context.getArgByIndex<FastifyRequest>(0).caller);

declare module 'fastify' {
  interface FastifyRequest {
    /** Present on declared routes. */
    caller: Caller;
  }
  interface FastifyContextConfig {
    /** The scope that a route needs. Only routes of the documentation have none, and anyone may use them. */
    scope?: Scope;
    /** Whether shoppers may use the route for their basket. */
    isForShoppers?: boolean;
  }
}

/** Parses each header once, when it is needed. So a header that no handler uses is never refused. */
class RequestCaller implements Caller {
  private id: string | undefined;
  private asked: BasketCondition | undefined;

  constructor(private readonly request: FastifyRequest, readonly principal: Principal) {}

  get tenant(): string {
    return this.principal.tenant;
  }

  get by(): string {
    return this.principal.name;
  }

  get traceparent(): string {
    return this.request.traceparent;
  }

  get commandId(): string {
    return (this.id ??= commandIdOf(this.request.headers['idempotency-key']));
  }

  get precondition(): BasketCondition {
    return (this.asked ??= this.conditions());
  }

  private conditions(): BasketCondition {
    const { basket } = this.principal;
    const asked = preconditionOf(this.request.headers);
    return basket ? { ...asked, opening: basket.opening } : asked;
  }

  get prefersMinimal(): boolean {
    const { prefer } = this.request.headers;
    return prefer !== undefined && MINIMAL.test(String(prefer));
  }
}

const MINIMAL = /(?:^|,)[ \t]*return[ \t]*=[ \t]*"?minimal"?[ \t]*(?:[;,]|$)/i;

function needsScope(config: Partial<RouteRights>): config is RouteRights {
  return config.scope !== undefined;
}

/**
 * Sets the `caller` of every request to a declared route. Refuses a request without the credential, scope or market that the route
 * needs, and conditions that are malformed or that the route cannot fulfil.
 */
export function admitCallers(fastify: FastifyInstance, identity: Pick<Identity, 'principalOf'>): void {
  fastify.decorateRequest('caller');
  fastify.addHook('onRequest', (request, _reply, done) => {
    const { config } = request.routeOptions;
    if (!needsScope(config)) return done();
    const admit = (principal: Principal): void => {
      try {
        authorize(principal, config, request.params as { readonly market?: string; readonly basket?: string });
        request.caller = new RequestCaller(request, principal);
        checkConditions(request);
      } catch (refusal) {
        return done(refusal as Error);
      }
      done();
    };
    try {
      const principal = identity.principalOf(request.headers);
      if (principal instanceof Promise) principal.then(admit, (refusal: unknown) => done(refusal as Error));
      else admit(principal);
    } catch (refusal) {
      done(refusal as Error);
    }
  });
}
