// A frame is MessagePack, so any MessagePack reader can show it: [version, [envelope, …]]. An envelope is an array of
// twelve values, all but text and body of fixed width. Our codec therefore reads and writes by offset, in about half of
// msgpackr's time; every hop pays for both.
//
// offset  0 array(12)  1 shard int32  6 hops uint8  8 deadline float64  17 correlation float64
// 26 six lengths uint16: id, type, tenant, market, actor, traceparent (replyTo is the rest)
// 44 str16: these seven texts as one, since one native call costs what one short text does
// .. bin32: the body
//
// With a principal it is an array of thirteen: 44 is the length of replyTo, and 47 the text, of which the principal is the rest.
import type { Envelope } from './envelope.ts';
import { BrokerFailure } from './failures.ts';

const ARRAY_2 = 0x92;
const ARRAY_12 = 0x9c;
const ARRAY_13 = 0x9d;
const ARRAY_16 = 0xdc;
const BIN_32 = 0xc6;
const FLOAT_64 = 0xcb;
const UINT_8 = 0xcc;
const UINT_16 = 0xcd;
const INT_32 = 0xd2;
const STR_16 = 0xda;

const VERSION = 1;
const FRAME_HEAD_BYTES = 5;
const ENVELOPE_HEAD_BYTES = 47;
const LENGTH_BYTES = 3;
const BODY_HEAD_BYTES = 5;
// A UTF-16 unit takes at most three bytes of UTF-8, and a text's length field has two bytes.
const TEXT_UNITS_MAX = Math.floor(0xffff / 3);

/** Collects envelopes into one buffer, which is reused for the next frame. */
export class FrameWriter {
  private buffer = Buffer.allocUnsafeSlow(4_096);
  private view = viewOf(this.buffer);
  private at = FRAME_HEAD_BYTES;
  private envelopes = 0;

  get count(): number {
    return this.envelopes;
  }

  get bytes(): number {
    return this.at;
  }

  /** Throws `broker.header_too_long` (invalid) and leaves the frame unchanged. */
  append(envelope: Envelope): void {
    const { id, type, tenant, market, actor, traceparent, replyTo, by, body } = envelope;
    const text = id + type + tenant + market + actor + traceparent + replyTo + by;
    if (text.length > TEXT_UNITS_MAX) throw BrokerFailure.headerTooLong(TEXT_UNITS_MAX);
    const headBytes = by === '' ? ENVELOPE_HEAD_BYTES : ENVELOPE_HEAD_BYTES + LENGTH_BYTES;
    this.reserve(headBytes + text.length * 3 + BODY_HEAD_BYTES + body.length);

    const { buffer, view, at } = this;
    buffer[at] = by === '' ? ARRAY_12 : ARRAY_13;
    buffer[at + 1] = INT_32;
    view.setInt32(at + 2, envelope.shard);
    buffer[at + 6] = UINT_8;
    buffer[at + 7] = envelope.hops;
    buffer[at + 8] = FLOAT_64;
    view.setFloat64(at + 9, envelope.deadlineMs);
    buffer[at + 17] = FLOAT_64;
    view.setFloat64(at + 18, envelope.correlation);
    this.writeLength(at + 26, id.length);
    this.writeLength(at + 29, type.length);
    this.writeLength(at + 32, tenant.length);
    this.writeLength(at + 35, market.length);
    this.writeLength(at + 38, actor.length);
    this.writeLength(at + 41, traceparent.length);
    if (by !== '') this.writeLength(at + 44, replyTo.length);

    const textAt = at + headBytes;
    const textBytes = buffer.write(text, textAt);
    buffer[textAt - 3] = STR_16;
    view.setUint16(textAt - 2, textBytes);

    const bodyAt = textAt + textBytes;
    buffer[bodyAt] = BIN_32;
    view.setUint32(bodyAt + 1, body.length);
    buffer.set(body, bodyAt + BODY_HEAD_BYTES);
    this.at = bodyAt + BODY_HEAD_BYTES + body.length;
    this.envelopes += 1;
  }

  /** Returns the finished frame as separate bytes and empties the writer. */
  take(): Buffer {
    this.buffer[0] = ARRAY_2;
    this.buffer[1] = VERSION;
    this.buffer[2] = ARRAY_16;
    this.view.setUint16(3, this.envelopes);
    const frame = Buffer.from(this.buffer.subarray(0, this.at));
    this.at = FRAME_HEAD_BYTES;
    this.envelopes = 0;
    return frame;
  }

  private writeLength(at: number, length: number): void {
    this.buffer[at] = UINT_16;
    this.buffer[at + 1] = length >>> 8;
    this.buffer[at + 2] = length;
  }

  private reserve(bytes: number): void {
    if (this.at + bytes <= this.buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(this.at + bytes, this.buffer.length * 2));
    this.buffer.copy(grown, 0, 0, this.at);
    this.buffer = grown;
    this.view = viewOf(grown);
  }
}

/**
 * The envelopes of a frame; their bodies are views into it. Throws `broker.frame_corrupt` (invalid) on anything that
 * `FrameWriter` did not write in full: then no part of the frame is trusted.
 */
export function decodeFrame(frame: Uint8Array): Envelope[] {
  const bytes = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength);
  const view = viewOf(bytes);
  if (!hasFrameHead(bytes)) throw BrokerFailure.frameCorrupt();

  const envelopes: Envelope[] = [];
  const count = view.getUint16(3);
  let at = FRAME_HEAD_BYTES;
  for (let index = 0; index < count; index += 1) {
    at = decodeEnvelope(bytes, view, at, envelopes);
  }
  if (at !== bytes.length) throw BrokerFailure.frameCorrupt();
  return envelopes;
}

function decodeEnvelope(bytes: Buffer, view: DataView, at: number, into: Envelope[]): number {
  if (!hasEnvelopeHead(bytes, at)) throw BrokerFailure.frameCorrupt();
  const hasPrincipal = bytes[at] === ARRAY_13;
  const textAt = at + (hasPrincipal ? ENVELOPE_HEAD_BYTES + LENGTH_BYTES : ENVELOPE_HEAD_BYTES);
  if (textAt > bytes.length || bytes[textAt - 3] !== STR_16) throw BrokerFailure.frameCorrupt();
  const idEnd = view.getUint16(at + 27);
  const typeEnd = idEnd + view.getUint16(at + 30);
  const tenantEnd = typeEnd + view.getUint16(at + 33);
  const marketEnd = tenantEnd + view.getUint16(at + 36);
  const actorEnd = marketEnd + view.getUint16(at + 39);
  const traceparentEnd = actorEnd + view.getUint16(at + 42);

  const textEnd = textAt + view.getUint16(textAt - 2);
  const bodyAt = textEnd + BODY_HEAD_BYTES;
  if (bodyAt > bytes.length || bytes[textEnd] !== BIN_32) throw BrokerFailure.frameCorrupt();
  const bodyEnd = bodyAt + view.getUint32(textEnd + 1);
  const text = bytes.toString('utf8', textAt, textEnd);
  const replyToEnd = hasPrincipal ? traceparentEnd + view.getUint16(at + 45) : text.length;
  if (bodyEnd > bytes.length || traceparentEnd > text.length || replyToEnd > text.length) throw BrokerFailure.frameCorrupt();

  into.push({
    id: text.substring(0, idEnd),
    type: text.substring(idEnd, typeEnd),
    tenant: text.substring(typeEnd, tenantEnd),
    market: text.substring(tenantEnd, marketEnd),
    actor: text.substring(marketEnd, actorEnd),
    shard: view.getInt32(at + 2),
    deadlineMs: view.getFloat64(at + 9),
    traceparent: text.substring(actorEnd, traceparentEnd),
    replyTo: text.substring(traceparentEnd, replyToEnd),
    by: text.substring(replyToEnd),
    hops: bytes[at + 7] as number,
    correlation: view.getFloat64(at + 18),
    body: bytes.subarray(bodyAt, bodyEnd),
  });
  return bodyEnd;
}

function hasFrameHead(bytes: Buffer): boolean {
  return (
    bytes.length >= FRAME_HEAD_BYTES &&
    bytes[0] === ARRAY_2 &&
    bytes[1] === VERSION &&
    bytes[2] === ARRAY_16
  );
}

function hasEnvelopeHead(bytes: Buffer, at: number): boolean {
  return (
    at + ENVELOPE_HEAD_BYTES <= bytes.length &&
    (bytes[at] === ARRAY_12 || bytes[at] === ARRAY_13) &&
    bytes[at + 1] === INT_32 &&
    bytes[at + 6] === UINT_8 &&
    bytes[at + 8] === FLOAT_64 &&
    bytes[at + 17] === FLOAT_64 &&
    bytes[at + 26] === UINT_16 &&
    bytes[at + 29] === UINT_16 &&
    bytes[at + 32] === UINT_16 &&
    bytes[at + 35] === UINT_16 &&
    bytes[at + 38] === UINT_16 &&
    bytes[at + 41] === UINT_16 &&
    (bytes[at] === ARRAY_12 || bytes[at + 44] === UINT_16)
  );
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
