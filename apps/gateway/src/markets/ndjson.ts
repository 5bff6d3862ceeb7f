import type { IncomingMessage } from 'node:http';
import { Transform, type Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { failures, type Pace } from '@aisle/std';

/** Newline-delimited JSON: one value a line. */
export const NDJSON = 'application/x-ndjson';
/** Under these names it comes. */
export const NDJSON_TYPES: readonly [string, ...string[]] = [NDJSON, 'application/ndjson', 'application/jsonl'];

/** A line of a body: its number, from 1, and its bytes; none of one that is too long. */
export interface Line {
  readonly line: number;
  readonly bytes: Buffer | undefined;
}

/** Bounds of a body of lines. Blank lines count. */
export interface LineLimits {
  readonly lineBytesMax: number;
  readonly linesMax: number;
}

/** The body has more bytes or lines than it may have. */
export class BodyTooLarge extends Error {}

const BodyFailure = failures('body', {
  /** The client disconnected, or took too long, before the end of its body. */
  cut: ['invalid', 'the body is incomplete'],
});

/**
 * Lets routes that take lines have their body as a stream. A request has to arrive within the server's time, however long it
 * takes to deal with it, so what has arrived waits here, up to `bytesMax`; what is more ends the stream with `BodyTooLarge`.
 */
export function acceptNdjson(fastify: FastifyInstance, bytesMax: number): void {
  fastify.addContentTypeParser([...NDJSON_TYPES], (_request, payload: IncomingMessage, done) => {
    let bytes = 0;
    const body = new Transform({
      // Chunk by chunk as they came: read as bytes, all that waits would be copied into one.
      readableObjectMode: true,
      readableHighWaterMark: bytesMax,
      transform(chunk: Buffer, _encoding, next) {
        bytes += chunk.length;
        next(bytes > bytesMax ? new BodyTooLarge() : null, chunk);
      },
    });
    payload.once('error', () => body.destroy(BodyFailure.cut()));
    payload.once('close', () => (payload.complete ? undefined : body.destroy(BodyFailure.cut())));
    // Where nobody reads on, what still comes is let through: a client reads the answer only once it has sent all. Unpiped first:
    // the pipe would end after this, and pause what it flows from.
    body.once('close', () => payload.unpipe(body).resume());
    body.once('error', () => undefined);
    done(null, payload.pipe(body));
  });
}

const NEWLINE = 0x0a;
const SPACE = 0x20;
const BYTE_ORDER_MARK = Buffer.from('\ufeff');
/** A look at the clock costs more than a blank line. */
const LINES_PER_LOOK = 256;

/** The lines of a body, those that are blank left out. Throws `BodyTooLarge`, and what the stream ends with. */
export async function* linesOf(body: Readable, { lineBytesMax, linesMax }: LineLimits, pace: Pace): AsyncGenerator<Line> {
  let line = 1;
  let parts: Buffer[] = [];
  let partBytes = 0;
  const take = (): Line | undefined => {
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
    // What is too long is counted, and not kept.
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

/** Some programs begin a file with a byte order mark. */
function withoutMark(bytes: Buffer): Buffer {
  return bytes.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK) ? bytes.subarray(BYTE_ORDER_MARK.length) : bytes;
}

function isWhiteSpace(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === SPACE || (byte >= 0x09 && byte <= 0x0d));
}
