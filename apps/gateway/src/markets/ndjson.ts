import type { IncomingMessage } from 'node:http';
import { Transform, type Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { failures, type Pace } from '@aisle/std';

/** The media type of newline-delimited JSON: one value per line. */
export const NDJSON = 'application/x-ndjson';
/** Media types under which clients send NDJSON. */
export const NDJSON_TYPES: readonly [string, ...string[]] = [NDJSON, 'application/ndjson', 'application/jsonl'];

/** A line of an NDJSON body: its number, from 1, and its bytes, which are undefined for a line that is too long. */
export interface NdjsonLine {
  readonly line: number;
  readonly bytes: Buffer | undefined;
}

/** Limits of an NDJSON body. Blank lines count. */
export interface LineLimits {
  readonly lineBytesMax: number;
  readonly linesMax: number;
}

/** Thrown for a body with too many bytes or lines. */
export class BodyTooLarge extends Error {}

const BodyFailure = failures('body', {
  /** The client disconnected, or took too long, before the end of its body. */
  cut: ['invalid', 'the body is incomplete'],
});

/**
 * Passes NDJSON bodies to routes as streams. A request has to arrive within the server's time limit, even if handling it takes
 * longer. So received bytes wait in the stream, up to `bytesMax`; more of them end the stream with `BodyTooLarge`.
 */
export function acceptNdjson(fastify: FastifyInstance, bytesMax: number): void {
  fastify.addContentTypeParser([...NDJSON_TYPES], (_request, payload: IncomingMessage, done) => {
    let bytes = 0;
    const body = new Transform({
      // Object mode keeps the chunks as they arrived. Byte mode would copy all waiting ones into one buffer.
      readableObjectMode: true,
      readableHighWaterMark: bytesMax,
      transform(chunk: Buffer, _encoding, next) {
        bytes += chunk.length;
        next(bytes > bytesMax ? new BodyTooLarge() : null, chunk);
      },
    });
    payload.once('error', () => body.destroy(BodyFailure.cut()));
    payload.once('close', () => (payload.complete ? undefined : body.destroy(BodyFailure.cut())));
    // When the route stops reading, the rest of the body is discarded, because a client reads the answer only after it has sent all.
    // The unpipe comes first: the pipe would end later and pause the payload again.
    body.once('close', () => payload.unpipe(body).resume());
    body.once('error', () => undefined);
    done(null, payload.pipe(body));
  });
}

const NEWLINE = 0x0a;
const SPACE = 0x20;
const BYTE_ORDER_MARK = Buffer.from('\ufeff');
/** Lines between two looks at the clock, since a look costs more than a blank line. */
const LINES_PER_LOOK = 256;

/** Yields the lines of a body without blank ones. Throws `BodyTooLarge`, or the error of the stream. */
export async function* linesOf(body: Readable, { lineBytesMax, linesMax }: LineLimits, pace: Pace): AsyncGenerator<NdjsonLine> {
  let line = 1;
  let parts: Buffer[] = [];
  let partBytes = 0;
  const take = (): NdjsonLine | undefined => {
    const whole = Buffer.concat(parts);
    const bytes = partBytes > lineBytesMax ? undefined : line === 1 ? withoutMark(whole) : whole;
    const isBlank = bytes !== undefined && isWhiteSpace(bytes);
    parts = [];
    partBytes = 0;
    if (line > linesMax && !isBlank) throw new BodyTooLarge();
    return isBlank ? undefined : { line, bytes };
  };
  const keep = (part: Buffer): void => {
    partBytes += part.length;
    // A line that is too long is counted, but not kept.
    if (partBytes <= lineBytesMax) parts.push(part);
    else parts = [];
  };
  for await (const chunk of body as AsyncIterable<Buffer>) {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      if (end > from) keep(chunk.subarray(from, end));
      const taken = partBytes > 0 ? take() : undefined;
      if (taken) yield taken;
      if (line > linesMax) throw new BodyTooLarge();
      line += 1;
      from = end + 1;
      if (line % LINES_PER_LOOK === 0 && pace.isOver) await pace.rest();
    }
    if (from < chunk.length) keep(chunk.subarray(from));
  }
  const last = take();
  if (last) yield last;
}

/** Removes the byte order mark with which some programs begin a file. */
function withoutMark(bytes: Buffer): Buffer {
  return bytes.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK) ? bytes.subarray(BYTE_ORDER_MARK.length) : bytes;
}

function isWhiteSpace(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === SPACE || (byte >= 0x09 && byte <= 0x0d));
}
