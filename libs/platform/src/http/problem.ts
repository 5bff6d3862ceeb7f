import type { FastifyReply } from 'fastify';
import type { Problem } from '@aisle/contracts';
import type { FailureFacts, FailureKind } from '@aisle/std';

const STATUS: Readonly<Record<FailureKind, number>> = {
  invalid: 400,
  unauthorized: 401,
  forbidden: 403,
  rejected: 422,
  missing: 404,
  conflict: 409,
  precondition: 412,
  throttled: 429,
  unavailable: 503,
  unknown: 504,
};

/** Failures for which HTTP has a status of its own, other than that of their kind. */
const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  'method.not_allowed': 405,
  'request.timeout': 408,
  'body.too_large': 413,
  'import.too_large': 413,
  'url.too_long': 414,
  'request.misdirected': 421,
  'body.media_type': 415,
  'request.expectation': 417,
  'precondition.required': 428,
  'headers.too_large': 431,
  internal: 500,
  'request.http_version': 505,
};

const RETRY_AFTER_SECONDS = 1;

/** The HTTP status of a failure: that of its code, if it has one, or of its kind. */
export function httpStatusOf({ kind, code }: Pick<FailureFacts, 'kind' | 'code'>): number {
  return STATUS_OF_CODE[code] ?? STATUS[kind];
}

/** The title of a type of problems, such as `Basket: line full` for `basket.line_full`. It is the same for every problem of the type. */
export function titleOf(code: string): string {
  const title = code.replace('.', ': ').replaceAll(/[_-]/g, ' ');
  return title.charAt(0).toUpperCase() + title.slice(1);
}

/**
 * The answer to a failure: RFC 9457, `application/problem+json`. Its type is a URL relative to the server, at which the gateway has a
 * page about the failure.
 */
export function problemOf(
  failure: FailureFacts,
  request: { instance: string; traceId: string; status?: number },
): Problem {
  const status = request.status ?? httpStatusOf(failure);
  const { errors, ...details } = failure.details as { errors?: NonNullable<Problem['errors']> };
  return {
    type: `/problems/${failure.code}`,
    title: titleOf(failure.code),
    status,
    detail: failure.message,
    instance: request.instance,
    code: failure.code,
    traceId: request.traceId,
    ...(errors === undefined ? {} : { errors }),
    ...(Object.keys(details).length === 0 ? {} : { details }),
  };
}

/** Sends a failure as problem+json, with `Retry-After` where a retry with the same key is safe. */
export function sendProblem(
  reply: FastifyReply,
  instance: string,
  failure: FailureFacts,
  { traceId = '', status }: { traceId?: string; status?: number } = {},
): FastifyReply {
  const problem = problemOf(failure, {
    instance,
    traceId,
    ...(status === undefined ? {} : { status }),
  });
  if ([429, 503, 504].includes(problem.status)) {
    const waitMs = Number(failure.details['retryAfterMs'] ?? RETRY_AFTER_SECONDS * 1_000);
    void reply.header('retry-after', String(Math.max(1, Math.ceil(waitMs / 1_000))));
  }
  // RFC 9110, section 11.6.1.
  if (problem.status === 401) void reply.header('www-authenticate', 'Bearer realm="aisle"');
  if (problem.status === 405) void reply.header('allow', (failure.details['allow'] as readonly string[]).join(', '));
  // RFC 5789, section 2.2.
  if (problem.status === 415 && reply.request.method === 'PATCH') void reply.header('accept-patch', (failure.details['accepts'] as readonly string[]).join(', '));
  return reply
    .code(problem.status)
    .type('application/problem+json')
    .send(JSON.stringify(problem));
}
