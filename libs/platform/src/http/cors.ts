import type { FastifyReply, FastifyRequest } from 'fastify';

const PREFLIGHT_SECONDS = 7_200;
const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE';
const EXPOSED = 'ETag, Location, Retry-After, Idempotency-Key, Idempotent-Replayed, Preference-Applied, Allow, Accept-Patch';

/**
 * The CORS protocol (WHATWG Fetch, section 3.3) for web pages of the given origins. They may send every header, and read the headers of
 * answers that the API documents.
 */
export class Cors {
  private readonly origins: ReadonlySet<string>;

  constructor(origins: readonly string[]) {
    this.origins = new Set(origins);
  }

  /** Adds the headers for the page that sends the request. Answers a preflight, and then returns true. */
  answer({ method, headers }: FastifyRequest, reply: FastifyReply): boolean {
    void reply.header('vary', 'Origin');
    const { origin } = headers;
    if (origin === undefined || !this.origins.has(origin)) return false;
    void reply.headers({ 'access-control-allow-origin': origin, 'access-control-expose-headers': EXPOSED });
    if (method !== 'OPTIONS' || headers['access-control-request-method'] === undefined) return false;
    void reply.code(204).headers({
      'access-control-allow-methods': METHODS,
      'access-control-allow-headers': headers['access-control-request-headers'] ?? '*',
      'access-control-max-age': PREFLIGHT_SECONDS,
      vary: 'Origin, Access-Control-Request-Headers',
    }).send();
    return true;
  }
}
