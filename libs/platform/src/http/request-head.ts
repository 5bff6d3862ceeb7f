import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyRequest } from 'fastify';
import type { FailureFacts } from '@aisle/std';
import { InvalidInput } from './input-errors.ts';
import { HttpRefusal, refusalOf, unsupportedBody } from './refusal.ts';
import { JSON_TYPE } from './route-input.ts';

const HEADERS_MAX = 100;
/** Headers that may be sent once: of two values, one would be ignored silently. */
const ONCE: ReadonlySet<string> = new Set([
  'host', 'content-type', 'content-encoding', 'idempotency-key', 'if-match', 'if-none-match', 'last-event-id', 'authorization', 'x-api-key',
]);
const CHARSET = /;\s*charset\s*=\s*"?([^\s;"]*)/gi;

/**
 * Checks the headers of a request, and that its route takes a body or a query if there is one. Throws `HttpRefusal` or
 * `InvalidInput`.
 */
export function checkHead(request: FastifyRequest): void {
  checkHeaders(request.raw.rawHeaders);
  const { accepts, takesQuery } = request.routeOptions.config;
  if (accepts && hasContent(request)) checkContent(request, accepts);
  if (takesQuery === false) checkNoQuery(request.query as object);
}

/** Thrown on content for a route that takes none. An empty object says nothing, and many clients can't do without. */
export class UnexpectedBody extends HttpRefusal {
  constructor() {
    super(400, { code: 'body.unexpected', message: 'this route takes no body, or an empty JSON object; nothing was done' });
  }
}

function checkHeaders(rawHeaders: readonly string[]): void {
  if (rawHeaders.length > 2 * HEADERS_MAX) {
    const { status, failure } = refusalOf(undefined, 431) as { status: number; failure: FailureFacts };
    throw new HttpRefusal(status, failure);
  }
  let seen = '';
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] as string).toLowerCase();
    if (!ONCE.has(name)) continue;
    if (seen.includes(`\n${name}\n`)) {
      throw new HttpRefusal(400, { code: 'header.repeated', message: `the header ${name} must be sent once`, details: { header: name } });
    }
    seen += `\n${name}\n`;
  }
}

function hasContent({ headers }: FastifyRequest): boolean {
  return Number(headers['content-length'] ?? 0) > 0 || headers['transfer-encoding'] !== undefined;
}

function checkContent({ headers, method }: FastifyRequest, accepts: readonly string[]): void {
  if (accepts.length > 0) {
    if (!isReadable(headers, accepts)) throw unsupportedBody(accepts);
    return;
  }
  // Fastify does not read the body of these methods, so its content would be ignored silently.
  if (method === 'GET' || method === 'HEAD') throw new UnexpectedBody();
  // A chunked body may turn out to be empty.
  if (headers['transfer-encoding'] === undefined && !isReadable(headers, [JSON_TYPE])) throw new UnexpectedBody();
}

function isReadable({ 'content-type': contentType = '', 'content-encoding': encoding }: IncomingHttpHeaders, accepts: readonly string[]): boolean {
  const [mediaType = ''] = contentType.split(';', 1);
  return accepts.includes(mediaType.trim().toLowerCase())
    && [...contentType.matchAll(CHARSET)].every(([, charset = '']) => charset.toLowerCase() === 'utf-8')
    && (encoding === undefined || encoding.trim().toLowerCase() === 'identity');
}

function checkNoQuery(query: object): void {
  const names = Object.keys(query);
  if (names.length > 0) throw new InvalidInput(names.map((name) => ({ path: [name], message: 'the route has no such parameter' })));
}
