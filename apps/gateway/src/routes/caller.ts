import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Precondition } from '@aisle/contracts';
import { checkConditions, preconditionOf } from './conditions.ts';
import { commandIdOf } from './idempotency-key.ts';

/** The facts about the sender of a request. */
export interface Caller {
  readonly tenant: string;
  /** The W3C trace context under which the request runs here. */
  readonly traceparent: string;
  /** The `Idempotency-Key`, or a new id: a command is applied once under it. Throws `idempotency.key_invalid` (invalid). */
  readonly commandId: string;
  /** The conditions of `If-Match` and `If-None-Match`. */
  readonly precondition: Precondition;
}

/** Gives a handler the `Caller` of its request. */
export const Caller = createParamDecorator((_data: unknown, context: ExecutionContext) => context.getArgByIndex<FastifyRequest>(0).caller);

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller;
  }
}

// Until there are tenants, everything runs under one, already in every key and envelope.
const TENANT = 'default';

/** Reads each header once, when a handler asks for it. So a header that no handler uses is never refused. */
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

/** Gives every request its caller, and refuses conditions that are malformed or that its route cannot fulfil. */
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
