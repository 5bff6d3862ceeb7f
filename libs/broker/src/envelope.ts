import { Packr } from 'msgpackr';

import { BodyCorrupt } from './failures.ts';

/** What every process on the way may read; the body is for the last one only. */
export interface EnvelopeHeader {
  /** The command id: the same on every retry, so that the receiver can tell a duplicate. */
  id: string;
  /** The message type, which is the Nest pattern: `basket.change`. */
  type: string;
  tenant: string;
  market: string;
  actor: string;
  /** -1 until a manager has routed the envelope; a 32-bit integer. */
  shard: number;
  /** Wall clock, milliseconds since 1970: past it, every dequeue drops the envelope. */
  deadlineMs: number;
  /** W3C Trace Context, or empty. */
  traceparent: string;
  /** The queue of the caller's receiver; empty for an event, which nobody answers. */
  replyTo: string;
  /** How often the envelope was handed on by somebody who does not own its actor; at most 255. */
  hops: number;
  /**
   * The caller's own counter. It is used once, so a late reply can't reach the next call, not even
   * one with the same command id.
   */
  correlation: number;
}

/** A message: its header, and a body that nobody but the last receiver decodes. */
export interface Envelope extends EnvelopeHeader {
  /** MessagePack, as `encodeBody` makes it; after decoding a view into the frame, not a copy. */
  body: Uint8Array;
}

const bodies = new Packr({ useRecords: false });

/** A value as MessagePack: JSON's types, and also `undefined`, `Date`, `bigint` and bytes. */
export function encodeBody(value: unknown): Uint8Array {
  return bodies.pack(value);
}

/** The value of a body; throws `broker.body_corrupt` (invalid) when the bytes are no such value. */
export function decodeBody<T>(body: Uint8Array): T {
  try {
    return bodies.unpack(body) as T;
  } catch (cause) {
    throw new BodyCorrupt(cause);
  }
}
