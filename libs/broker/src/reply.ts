import { isFailure } from '@aisle/std';
import type { FailureFacts } from '@aisle/std';

import { decodeBody, encodeBody } from './envelope.ts';
import type { Envelope, EnvelopeHeader } from './envelope.ts';
import type { FrameSender } from './frame-sender.ts';

/**
 * The end of a request. `crash` means a bug in the receiver: it carries no details, because causes belong in the log of
 * the crashed process. The caller gets a `RemoteCrash`.
 */
export type ReplyOutcome = { value: unknown } | { failure: FailureFacts } | { crash: true };

const VALUE = 'reply.value';
const FAILURE = 'reply.failure';
const CRASH = 'reply.crash';
const EMPTY = encodeBody(null);

/**
 * Answers a request. An event has no `replyTo` and gets no answer. A reply to a caller that is gone expires in its
 * queue. Throws on a value that cannot be encoded, which is a bug.
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

/** Reads a reply, on the caller's side. Undecodable bytes count as a crash of the receiver. */
export function readReply({ type, body }: Envelope): ReplyOutcome {
  if (type === CRASH) return { crash: true };
  try {
    const content = decodeBody<unknown>(body);
    if (type === VALUE) return { value: content };
    if (type === FAILURE && isFailure(content)) return { failure: content };
  } catch {
    // Undecodable bytes are a crash, as below.
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
    by: '',
    replyTo: '',
    hops: 0,
    correlation: request.correlation,
    body,
  });
}
