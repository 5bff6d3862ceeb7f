import { systemRuntime as runtime, uuidv7 } from '@aisle/std';

import { encodeBody } from '../envelope.ts';
import type { Envelope } from '../envelope.ts';
import type { RequestHeader } from '../requester.ts';

/** A request header with ten seconds left; a test overrides single fields. */
export function requestHeader(overrides: Partial<RequestHeader> = {}): RequestHeader {
  return {
    id: uuidv7(runtime),
    type: 'basket.change',
    tenant: 'default',
    market: 'm1',
    actor: 'a1',
    traceparent: '',
    deadlineMs: runtime.clock.nowMs() + 10_000,
    ...overrides,
  };
}

/** An envelope with ten seconds left; a test overrides single fields. */
export function envelope(overrides: Partial<Envelope> = {}): Envelope {
  return {
    ...requestHeader(),
    shard: -1,
    replyTo: '',
    by: '',
    hops: 0,
    correlation: 0,
    body: encodeBody(null),
    ...overrides,
  };
}
