import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { InputFailure } from './input-errors.ts';
import { RequestFailure } from './refusal.ts';
import { JSON_TYPE } from './route-input.ts';

const HEADERS_MAX = 100;
/** Headers that may be sent once: of two values, one would be ignored silently. */
const ONCE: ReadonlySet<string> = new Set([
  'host', 'content-type', 'content-encoding', 'idempotency-key', 'if-match', 'if-none-match', 'last-event-id', 'authorization', 'x-api-key',
]);
const CHARSET = /;\s*charset\s*=\s*"?([^\s;"]*)/gi;

/**
 * Checks the headers of a request, and that its route takes a body or a query if there is one. Throws a `RequestFailure` or
 * `InputFailure.invalid`.
 */
export function checkHead(request: FastifyRequest): void {
  checkProtocol(request.raw);
  checkHeaders(request.raw.rawHeaders);
  const { accepts, takesQuery } = request.routeOptions.config;
  if (accepts && hasContent(request)) checkContent(request, accepts);
  if (takesQuery === false) checkNoQuery(request.query as object);
}

/** Node itself would refuse a missing host and an unknown expectation without a word, and take any version. */
function checkProtocol({ httpVersion, headers: { host, expect } }: IncomingMessage): void {
  if (httpVersion !== '1.1' && httpVersion !== '1.0') throw RequestFailure.httpVersion();
  if (host === undefined && httpVersion === '1.1') throw RequestFailure.hostMissing();
  if (expect !== undefined && expect.toLowerCase() !== '100-continue') throw RequestFailure.expectation();
}

function checkHeaders(rawHeaders: readonly string[]): void {
  if (rawHeaders.length > 2 * HEADERS_MAX) throw RequestFailure.headersTooLarge();
  let seen = '';
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] as string).toLowerCase();
    if (!ONCE.has(name)) continue;
    if (seen.includes(`\n${name}\n`)) throw RequestFailure.headerRepeated(name);
    seen += `\n${name}\n`;
  }
}

function hasContent({ headers }: FastifyRequest): boolean {
  return Number(headers['content-length'] ?? 0) > 0 || headers['transfer-encoding'] !== undefined;
}

function checkContent({ headers, method }: FastifyRequest, accepts: readonly string[]): void {
  if (accepts.length > 0) {
    if (!isReadable(headers, accepts)) throw RequestFailure.bodyUnsupported(accepts);
    return;
  }
  // Fastify does not read the body of these methods, so its content would be ignored silently.
  if (method === 'GET' || method === 'HEAD') throw RequestFailure.bodyUnexpected();
  // A chunked body may turn out to be empty.
  if (headers['transfer-encoding'] === undefined && !isReadable(headers, [JSON_TYPE])) throw RequestFailure.bodyUnexpected();
}

function isReadable({ 'content-type': contentType = '', 'content-encoding': encoding }: IncomingHttpHeaders, accepts: readonly string[]): boolean {
  // Most clients send it just so, and the expressions below cost more than the rest of the head.
  if (contentType === JSON_TYPE && encoding === undefined) return accepts.includes(JSON_TYPE);
  const [mediaType = ''] = contentType.split(';', 1);
  return accepts.includes(mediaType.trim().toLowerCase())
    && [...contentType.matchAll(CHARSET)].every(([, charset = '']) => charset.toLowerCase() === 'utf-8')
    && (encoding === undefined || encoding.trim().toLowerCase() === 'identity');
}

function checkNoQuery(query: object): void {
  const names = Object.keys(query);
  if (names.length > 0) throw InputFailure.invalid(names.map((name) => ({ path: [name], message: 'the route has no such parameter' })));
}
