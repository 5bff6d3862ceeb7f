import { failures, type Failure } from '@aisle/std';

/** Failures of a request that HTTP itself refuses, and of the server that gets it. */
export const RequestFailure = failures('request', {
  malformed: ['invalid', 'the request is not well-formed HTTP'],
  timeout: ['invalid', 'the request took too long to arrive'],
  urlTooLong: ['invalid', 'the URL, or an id in it, is too long'],
  headersTooLarge: ['invalid', 'there are too many headers, or too large ones'],
  headerRepeated: ['invalid', (header: string) => `the header ${header} must be sent once`, (header: string) => ({ header })],
  typeMalformed: ['invalid', 'the header content-type is not well-formed'],
  /** The body is not of the media types, or not in the charset or the coding, that the route takes. */
  bodyUnsupported: [
    'invalid',
    (accepts: readonly string[]) =>
      `the body must be ${accepts.join(' or ')} in UTF-8, without a content-encoding, and the header content-type must say so`,
    (accepts: readonly string[]) => ({ accepts, charset: 'utf-8', contentEncoding: 'identity' }),
  ],
  bodyTooLarge: ['invalid', 'the body is larger than 256 kB'],
  /** An empty object says nothing, and many clients can't do without. */
  bodyUnexpected: ['invalid', 'this route takes no body, or an empty JSON object; nothing was done'],
  methodNotAllowed: [
    'invalid', (allow: readonly string[]) => `the route has no such method; it has ${allow.join(', ')}`, (allow: readonly string[]) => ({ allow }),
  ],
  /** RFC 9112, section 3.2. */
  hostMissing: ['invalid', 'the request must have the header host'],
  /** RFC 9110, section 10.1.1. */
  expectation: ['invalid', 'the only expectation that can be met is 100-continue'],
  httpVersion: ['invalid', 'the request must be HTTP/1.1 or HTTP/1.0'],
  routeUnknown: ['missing', 'there is no such route; GET /docs lists them'],
  opsRouteUnknown: [
    'missing', 'there is no such route on the ops port',
    (routes: readonly string[], operations: readonly string[]) => ({ routes, operations }),
  ],
  /** Failures of a request to a port that asks for no credentials (`LocalRequests`). */
  misdirected: ['forbidden', 'this port answers only under the names of this machine, such as localhost'],
  crossSite: ['forbidden', 'this port takes no requests from web pages of another origin'],
  forwarded: ['forbidden', 'this port takes no requests through a proxy', (header: string) => ({ header })],
  /** Failures of a request to a port of operators (`OpsAccess`). */
  opsClosed: ['forbidden', 'this port listens for other machines, so it needs OPS_KEY_SHA256 to be configured'],
  opsKeyRequired: ['unauthorized', 'this port asks for the key of operators; send it as Authorization: Bearer <key>, or as the password of a browser'],
  /** The answer to a bug, which only the log describes. */
  bug: ['unknown', 'something went wrong here; the trace id finds it in the logs'],
  opsBug: ['unknown', 'something went wrong here; the logs say what'],
}, {
  codes: {
    urlTooLong: 'url.too_long',
    headersTooLarge: 'headers.too_large',
    headerRepeated: 'header.repeated',
    typeMalformed: 'body.media_type',
    bodyUnsupported: 'body.media_type',
    bodyTooLarge: 'body.too_large',
    bodyUnexpected: 'body.unexpected',
    methodNotAllowed: 'method.not_allowed',
    hostMissing: 'request.malformed',
    routeUnknown: 'route.unknown',
    opsRouteUnknown: 'route.unknown',
    bug: 'internal',
    opsBug: 'internal',
  },
});

/** A request that the HTTP layer refuses before a handler sees it, as a failure with its status. */
export interface Refusal {
  readonly status: number;
  readonly failure: Failure;
}

const REFUSALS: Readonly<Record<number, () => Failure>> = {
  404: RequestFailure.routeUnknown,
  408: RequestFailure.timeout,
  413: RequestFailure.bodyTooLarge,
  414: RequestFailure.urlTooLong,
  415: RequestFailure.typeMalformed,
  431: RequestFailure.headersTooLarge,
};

/** Translates an error of Fastify, Node or Nest. Returns undefined if the request did not cause the error, which then is a bug. */
export function refusalOf(thrown: unknown, status = statusOf(thrown)): Refusal | undefined {
  if (status === undefined || status < 400 || status >= 500) return undefined;
  return { status, failure: (REFUSALS[status] ?? RequestFailure.malformed)() };
}

function statusOf(thrown: unknown): number | undefined {
  const { statusCode } = thrown as { statusCode?: unknown };
  return typeof statusCode === 'number' ? statusCode : undefined;
}
