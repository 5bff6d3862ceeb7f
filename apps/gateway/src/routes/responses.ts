import { STATUS_CODES } from 'node:http';
import { Problem } from '@aisle/contracts';
import type { z } from 'zod';
import { ANY_MESSAGE, ANY_REQUEST, JSON_BODY, problemsOf, type ProblemCode } from '../problems/problems.ts';
import { ANSWER_EXAMPLES } from './answer-examples.ts';
import type { RouteAnswers } from './answers.ts';
import { reference, type JsonSchema } from './schemas.ts';

/** The place of a route: its HTTP method, and the name of its handler. */
export interface RoutePlace {
  readonly method: string;
  /** The `operationId`, and the name of the method in generated clients. */
  readonly name: string;
}

/** The part of a route that decides its responses. */
interface AnsweredRoute {
  readonly accepts?: readonly string[];
  readonly body?: z.ZodType;
  readonly answers: RouteAnswers<never>;
}

interface Header {
  readonly description: string;
  readonly required?: boolean;
  readonly schema: JsonSchema;
}

type Headers = Record<string, Header | { readonly $ref: string }>;

/** A response of an operation in the OpenAPI document. */
interface Response {
  readonly description: string;
  readonly headers?: Headers;
  readonly content?: Record<string, { schema: JsonSchema; examples?: Record<string, JsonSchema> }>;
}

const TEXT = { type: 'string' } as const;
const RETRYABLE: ReadonlySet<number> = new Set([429, 503, 504]);
const RETRY_AFTER: Header = {
  description: 'the number of seconds after which to send the request again, under the same Idempotency-Key', required: true,
  schema: { type: 'integer', minimum: 1 },
};
const AUTHENTICATE: Header = { description: 'the scheme of the credential (RFC 9110, section 11.6.1)', required: true, schema: TEXT };
const ETAG: Header = { description: 'the version of the document, for conditions (RFC 9110, section 8.8.3)', required: true, schema: TEXT };
const KEY: Header = { description: 'the key of the command: the one that the request has, or a generated one', schema: TEXT };
const APPLIED: Header = { description: 'the preference that was followed (RFC 7240, section 3)', required: true, schema: { const: 'return=minimal' } };
const REPLAYED: Header = { description: 'true if the command was applied earlier, and this is its answer again', schema: { const: 'true' } };

const REFERENCES = '#/components/headers/';

/** Headers of many operations, by their names in the components of the document. */
export const SHARED_HEADERS: Readonly<Record<string, Header>> = {
  RateLimit: {
    description: 'the units that are left to the credential in this time window (`r`), and the seconds until the next one (`t`); absent without a limit',
    schema: TEXT,
  },
  RateLimitPolicy: { description: 'the units of a time window (`q`), and its seconds (`w`); absent without a limit', schema: TEXT },
};
const RATE: Headers = { 'RateLimit': { $ref: `${REFERENCES}RateLimit` }, 'RateLimit-Policy': { $ref: `${REFERENCES}RateLimitPolicy` } };

/** All responses of an operation by status: its answers, and the failures of its codes. */
export function responsesOf(route: AnsweredRoute, { method, name }: RoutePlace): Record<number, Response> {
  const { statuses, mediaType = 'application/json' } = route.answers;
  const answers = Object.entries(statuses).map(([status, schema]) => {
    const example = ANSWER_EXAMPLES[name];
    return [status, answerOf(route, Number(status), mediaType, schema, example?.status === Number(status) ? { example: { value: example.body } } : undefined)] as const;
  });
  return Object.fromEntries([...answers, ...failuresOf(route, method)]);
}

/** The codes of all failures that an operation may answer. */
function codesOf({ answers: { errors, conditions, key }, accepts, body }: AnsweredRoute, method: string): readonly ProblemCode[] {
  const takesBody = body !== undefined || accepts !== undefined;
  return [
    ...ANY_REQUEST, ...ANY_MESSAGE, ...errors,
    ...(takesBody ? JSON_BODY : ['body.unexpected'] as const),
    ...(takesBody || method === 'GET' ? [] : ['body.too_large'] as const),
    ...(key === undefined ? [] : ['idempotency.key_invalid', 'idempotency.mismatch', 'idempotency.answer_pruned'] as const),
    ...(conditions === undefined ? ['precondition.unsupported'] as const : []),
    ...(conditions === 'read' ? ['precondition.failed'] as const : []),
    ...(conditions === 'required' ? ['precondition.required'] as const : []),
  ];
}

function failuresOf(route: AnsweredRoute, method: string): (readonly [number, Response])[] {
  const byStatus = new Map<number, Set<string>>();
  for (const { code, status } of codesOf(route, method).flatMap(problemsOf)) {
    // A read conflicts with nothing. A code with both statuses answers it with 404.
    if (method === 'GET' && status === 409) continue;
    byStatus.set(status, (byStatus.get(status) ?? new Set()).add(code));
  }
  return [...byStatus].sort(([a], [b]) => a - b).map(([status, codes]) => [status, failureOf(route, status, [...codes].sort())]);
}

function failureOf({ answers: { key } }: AnsweredRoute, status: number, codes: readonly string[]): Response {
  const headers = {
    ...(status === 401 ? { 'WWW-Authenticate': AUTHENTICATE } : {}),
    ...(RETRYABLE.has(status) ? { 'Retry-After': RETRY_AFTER } : {}),
    ...(status === 429 ? RATE : {}),
    ...(key === 'echoed' ? { 'Idempotency-Key': KEY } : {}),
  };
  const schema = { allOf: [reference(Problem, 'output'), { type: 'object', properties: { code: { enum: codes } } }] };
  return {
    description: `${STATUS_CODES[status]}: ${codes.map((code) => `\`${code}\``).join(', ')}`,
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
    content: { 'application/problem+json': { schema } },
  };
}

function answerOf(
  { answers: { conditions, key, location, minimal } }: AnsweredRoute, status: number, mediaType: string, schema: z.ZodType | string,
  examples?: Record<string, JsonSchema>,
): Response {
  const headers = {
    ...(conditions !== undefined && (minimal || status !== 204) ? { ETag: ETAG } : {}),
    ...(minimal && status === 204 ? { 'Preference-Applied': APPLIED } : {}),
    ...(location !== undefined && status !== 200 && status !== 204
      ? { Location: { description: location, required: true, schema: { ...TEXT, format: 'uri-reference' } } } : {}),
    ...(key === 'echoed' ? { 'Idempotency-Key': { ...KEY, required: true }, 'Idempotent-Replayed': REPLAYED } : {}),
    ...RATE,
  };
  if (typeof schema === 'string') return { description: schema, headers };
  return {
    description: STATUS_CODES[status] ?? '', headers,
    content: { [mediaType]: { schema: reference(schema, 'output'), ...(examples ? { examples } : {}) } },
  };
}
