import { Failure, type FailureFacts, type FailureKind } from '@aisle/std';

/** A request that the HTTP layer refuses before a handler sees it, as a failure with its status. */
export interface Refusal {
  readonly status: number;
  readonly failure: FailureFacts;
}

/** A failure for which HTTP has a status of its own, other than that of its kind. */
export class HttpRefusal extends Failure {
  readonly kind: FailureKind;
  readonly code: string;
  constructor(
    readonly status: number,
    { kind = 'invalid', code, message, details = {} }: Pick<FailureFacts, 'code' | 'message'> & Partial<FailureFacts>,
  ) {
    super(message, details);
    this.kind = kind;
    this.code = code;
  }
}

/** Refuses a body whose media type, charset or content coding the route does not take. */
export function unsupportedBody(accepts: readonly string[]): HttpRefusal {
  return new HttpRefusal(415, {
    code: 'body.media_type',
    message: `the body must be ${accepts.join(' or ')} in UTF-8, without a content-encoding, and the header content-type must say so`,
    details: { accepts, charset: 'utf-8', contentEncoding: 'identity' },
  });
}

const REFUSALS: Readonly<Record<number, { kind: FailureKind; code: string; message: string }>> = {
  400: { kind: 'invalid', code: 'request.malformed', message: 'the request is not well-formed HTTP' },
  404: { kind: 'missing', code: 'route.unknown', message: 'there is no such route; GET /docs lists them' },
  408: { kind: 'invalid', code: 'request.timeout', message: 'the request took too long to arrive' },
  413: { kind: 'invalid', code: 'body.too_large', message: 'the body is larger than 256 kB' },
  414: { kind: 'invalid', code: 'url.too_long', message: 'the URL, or an id in it, is too long' },
  415: { kind: 'invalid', code: 'body.media_type', message: 'the header content-type is not well-formed' },
  431: { kind: 'invalid', code: 'headers.too_large', message: 'there are too many headers, or too large ones' },
};

/** Translates an error of Fastify, Node or Nest. Returns undefined if the request did not cause the error, which then is a bug. */
export function refusalOf(thrown: unknown, status = statusOf(thrown)): Refusal | undefined {
  if (status === undefined || status < 400 || status >= 500) return undefined;
  const known = REFUSALS[status] ?? REFUSALS[400];
  return known && { status, failure: { ...known, details: {} } };
}

function statusOf(thrown: unknown): number | undefined {
  const { statusCode } = thrown as { statusCode?: unknown };
  return typeof statusCode === 'number' ? statusCode : undefined;
}
