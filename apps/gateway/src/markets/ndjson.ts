import type { IncomingMessage } from 'node:http';
import { PassThrough, type Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';

/** Newline-delimited JSON: one value a line. */
export const NDJSON = 'application/x-ndjson';
/** Under these names it comes. */
export const NDJSON_TYPES: readonly string[] = [NDJSON, 'application/ndjson', 'application/jsonl'];

/** A line of a body: its number, from 1, and its text; none of one that is too long. */
export interface TextLine {
  readonly line: number;
  readonly text: string | undefined;
}

/** Bounds of a body of lines. */
export interface LineLimits {
  readonly lineBytesMax: number;
  readonly bytesMax: number;
}

/**
 * Lets routes that take lines have their body as a stream. A request has to arrive within the server's time, however long it
 * takes to deal with it, so what has arrived waits here, up to `bytesMax`.
 */
export function acceptNdjson(fastify: FastifyInstance, bytesMax: number): void {
  fastify.addContentTypeParser([...NDJSON_TYPES], (_request, payload: IncomingMessage, done) => {
    const body = new PassThrough({ highWaterMark: bytesMax });
    payload.once('error', (error) => body.destroy(error));
    // A client that goes in the middle of its body says no more than that.
    payload.once('close', () => (payload.complete ? undefined : body.destroy()));
    done(null, payload.pipe(body));
  });
}

/** Thrown by `linesOf` when the body is larger than it may be. */
export class BodyTooLarge extends Error {}

/** The lines of a body, those that are blank left out. Throws `BodyTooLarge`, and what the stream ends with. */
export async function* linesOf(body: Readable, { lineBytesMax, bytesMax }: LineLimits): AsyncGenerator<TextLine> {
  let bytes = 0;
  let line = 1;
  let parts: Buffer[] = [];
  let partBytes = 0;
  const take = (): TextLine | undefined => {
    const isTooLong = partBytes > lineBytesMax;
    const text = isTooLong ? undefined : Buffer.concat(parts).toString();
    parts = [];
    partBytes = 0;
    return isTooLong || text?.trim() ? { line, text } : undefined;
  };
  const keep = (part: Buffer): void => {
    partBytes += part.length;
    // What is too long is counted, and not kept.
    if (partBytes <= lineBytesMax) parts.push(part);
    else parts = [];
  };
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bytesMax) throw new BodyTooLarge();
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      keep(chunk.subarray(from, end));
      const taken = take();
      if (taken) yield taken;
      line += 1;
      from = end + 1;
    }
    keep(chunk.subarray(from));
  }
  const last = take();
  if (last) yield last;
}

const NEWLINE = 0x0a;
