import { Packr } from 'msgpackr';

import { BrokerFailure } from './failures.ts';

/** The part of a message that every process on the way may read. Only the last one reads the body. */
export interface EnvelopeHeader {
  /** The command id. It is the same on every retry, so that the receiver recognises a duplicate. */
  id: string;
  /** The message type, which is the Nest pattern: `basket.change`. */
  type: string;
  tenant: string;
  market: string;
  actor: string;
  /** -1 until a manager has routed the envelope. A 32-bit integer. */
  shard: number;
  /** Wall clock in milliseconds since 1970. Past it, every dequeue drops the envelope. */
  deadlineMs: number;
  /** W3C Trace Context, or empty. */
  traceparent: string;
  /** The queue of the caller's receiver. Empty for an event, which gets no answer. */
  replyTo: string;
  /** The number of processes that passed the envelope on without owning its actor; at most 255. */
  hops: number;
  /**
   * The caller's own counter. Each value is used once, so a late reply cannot reach a later call, even with the same
   * command id.
   */
  correlation: number;
  /** The name of the principal for whom the message was sent, for records of who did what. Empty for the system's own messages. */
  by: string;
}

/** A message: its header, and a body that only the last receiver decodes. */
export interface Envelope extends EnvelopeHeader {
  /** MessagePack, as `encodeBody` makes it. After decoding it is a view into the frame and not a copy. */
  body: Uint8Array;
}

const bodies = new Packr({ useRecords: false });

/** Encodes a value as MessagePack: JSON's types, and also `undefined`, `Date`, `bigint` and bytes. */
export function encodeBody(value: unknown): Uint8Array {
  return bodies.pack(value);
}

/** Decodes a body. Throws `broker.body_corrupt` (invalid) when the bytes are not an encoded value. */
export function decodeBody<T>(body: Uint8Array): T {
  try {
    return bodies.unpack(body) as T;
  } catch (cause) {
    throw BrokerFailure.bodyCorrupt().causedBy(cause);
  }
}
