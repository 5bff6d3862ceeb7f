import type { Runtime } from '@aisle/std';

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/;
const NO_TRACE = '0'.repeat(32);
const NO_SPAN = '0'.repeat(16);

/**
 * The `traceparent` (W3C Trace Context, level 1) under which a request runs here: the caller's
 * trace id with a new span id, or a new trace when the header is absent or malformed.
 */
export function continueTrace(header: string | undefined, random: Runtime['random']): string {
  const match = header === undefined ? null : TRACEPARENT.exec(header);
  const valid = match && match[1] !== NO_TRACE && match[2] !== NO_SPAN;
  return `00-${valid ? match[1] : hex(random.bytes(16))}-${hex(random.bytes(8))}-01`;
}

/** The 32 hex digits of a `traceparent` by which logs and problems name a request. */
export function traceIdOf(traceparent: string): string {
  return traceparent.slice(3, 35);
}

function hex({ buffer, byteOffset, length }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, length).toString('hex');
}
