import { isFailure } from '@aisle/std';
import type { FailureFacts } from '@aisle/std';

import { decodeBody, encodeBody } from './envelope.ts';
import type { Envelope, EnvelopeHeader } from './envelope.ts';
import type { FrameSender } from './frame-sender.ts';

/**
 * How a request ended. `crash` is for what is no failure, a bug: it says nothing but that, since
 * causes are for the log of the process that crashed; the caller gets a `RemoteCrash`.
 */
export type ReplyOutcome = { value: unknown } | { failure: FailureFacts } | { crash: true };

const VALUE = 'reply.value';
const FAILURE = 'reply.failure';
const CRASH = 'reply.crash';
const EMPTY = encodeBody(null);

/**
 * Answers a request. An event, which has no `replyTo`, is not answered; nor is a caller that is
 * gone: its receiver expires. A value that can't be encoded is a bug, and throws.
 */
export function reply(sender: FrameSender, request: EnvelopeHeader, outcome: ReplyOutcome): void {
  if (request.replyTo === '') return;
  if ('value' in outcome) send(sender, request, VALUE, encodeBody(outcome.value));
  else if ('crash' in outcome) send(sender, request, CRASH, EMPTY);
  else {
    const { kind, code, message, details } = outcome.failure;
    send(sender, request, FAILURE, encodeBody({ kind, code, message, details }));
  }
}

/** What a reply says; for the caller's side. Bytes that say nothing are a crash of the receiver. */
export function readReply({ type, body }: Envelope): ReplyOutcome {
  if (type === CRASH) return { crash: true };
  try {
    const content = decodeBody<unknown>(body);
    if (type === VALUE) return { value: content };
    if (type === FAILURE && isFailure(content)) return { failure: content };
  } catch {
    // Told apart from a value below.
  }
  return { crash: true };
}

function send(sender: FrameSender, request: EnvelopeHeader, type: string, body: Uint8Array): void {
  void sender.send(request.replyTo, {
    id: request.id,
    type,
    tenant: '',
    market: '',
    actor: '',
    shard: -1,
    deadlineMs: request.deadlineMs,
    traceparent: '',
    replyTo: '',
    hops: 0,
    correlation: request.correlation,
    body,
  });
}
