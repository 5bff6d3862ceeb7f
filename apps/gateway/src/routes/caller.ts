import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Precondition } from '@aisle/contracts';
import { checkConditions, preconditionOf } from './conditions.ts';
import { commandIdOf } from './idempotency-key.ts';

/** The sender of a request: tenant, trace, command id and conditions. */
export interface Caller {
  readonly tenant: string;
  /** The W3C trace context of the request. */
  readonly traceparent: string;
  /** The `Idempotency-Key`, or a new id. A command is applied at most once under it. Throws `idempotency.key_invalid` (invalid). */
  readonly commandId: string;
  /** The conditions of `If-Match` and `If-None-Match`. */
  readonly precondition: Precondition;
}

/** The parameter decorator for the `Caller` of a request. */
export const Caller = createParamDecorator((_data: unknown, context: ExecutionContext) => context.getArgByIndex<FastifyRequest>(0).caller);

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller;
  }
}

// There is one tenant so far. Its name is already part of every key and envelope.
const TENANT = 'default';

/** Parses each header once, when it is needed. So a header that no handler uses is never refused. */
class RequestCaller implements Caller {
  readonly tenant = TENANT;
  private id: string | undefined;
  private asked: Precondition | undefined;

  constructor(private readonly request: FastifyRequest) {}

  get traceparent(): string {
    return this.request.traceparent;
  }

  get commandId(): string {
    return (this.id ??= commandIdOf(this.request.headers['idempotency-key']));
  }

  get precondition(): Precondition {
    return (this.asked ??= preconditionOf(this.request.headers));
  }
}

/** Sets the `caller` of every request, and refuses conditions that are malformed or that the route cannot fulfil. */
export function admitCallers(fastify: FastifyInstance): void {
  fastify.decorateRequest('caller');
  fastify.addHook('onRequest', (request, _reply, done) => {
    request.caller = new RequestCaller(request);
    try {
      checkConditions(request);
    } catch (refusal) {
      return done(refusal as Error);
    }
    done();
  });
}
