import { hash } from 'node:crypto';
import type { JournalRow } from './journal-storage.ts';

const NOTHING = Buffer.alloc(0);

/** JSON text as bytes; `undefined` becomes no bytes. */
export function toBytes(value: unknown): Buffer {
  return value === undefined ? NOTHING : Buffer.from(JSON.stringify(value));
}

export function fromBytes(bytes: Uint8Array): unknown {
  return fromText(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString());
}

/** The same from a string. */
export function fromText(json: string): unknown {
  return json === '' ? undefined : JSON.parse(json);
}

/**
 * Eight bytes that distinguish a retry from another payload under the same idempotency key. Pass everything that
 * identifies the request, in a fixed order.
 */
export function payloadHash(payload: string | Uint8Array): Uint8Array {
  return hash('sha256', payload, 'buffer').subarray(0, 8);
}

/** The events of a row that an `Activation` wrote. */
export function eventsOf<Event>({ events }: Pick<JournalRow, 'events'>): readonly Event[] {
  return fromBytes(events) as Event[];
}
