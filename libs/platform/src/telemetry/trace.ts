import type { Runtime } from '@aisle/std';

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/;
const NO_TRACE = '0'.repeat(32);
const NO_SPAN = '0'.repeat(16);

/**
 * The `traceparent` of a request in this process (W3C Trace Context, level 1). It has the caller's trace id with a new span id. It
 * begins a new trace if the header is absent or malformed.
 */
export function continueTrace(header: string | undefined, random: Runtime['random']): string {
  const match = header === undefined ? null : TRACEPARENT.exec(header);
  const valid = match && match[1] !== NO_TRACE && match[2] !== NO_SPAN;
  if (valid) return `00-${match[1]}-${hex(random.bytes(8))}-01`;
  const fresh = hex(random.bytes(24));
  return `00-${fresh.slice(0, 32)}-${fresh.slice(32)}-01`;
}

/** The trace id of a `traceparent`: 32 hex digits that identify a request in logs and problem documents. */
export function traceIdOf(traceparent: string): string {
  return traceparent.slice(3, 35);
}

function hex({ buffer, byteOffset, length }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, length).toString('hex');
}
