import { STATUS_CODES } from 'node:http';
import { ApiBody, ApiConsumes, ApiHeader, ApiOperation, ApiResponse } from '@nestjs/swagger';
import { z } from 'zod';
import { Problem } from '@aisle/contracts';
import type { RouteAnswers } from './answers.ts';

type JsonSchema = Record<string, unknown>;
type Content = Record<string, { schema: JsonSchema }>;

/** The description of a route in the OpenAPI document. */
export interface RouteDescription {
  /** One sentence that says what the route does. */
  readonly summary: string;
  /** Further sentences for clients. */
  readonly description?: string;
  /** Headers that only this route takes. */
  readonly headers?: Readonly<Record<string, { readonly description: string; readonly schema: JsonSchema }>>;
  /** The media types of the body; JSON unless given. `part` is the schema of one part of such a body. */
  readonly accepts?: readonly [string, ...string[]];
  readonly body?: z.ZodType;
  readonly part?: z.ZodType;
  readonly example?: unknown;
  readonly answers: RouteAnswers<never>;
}

const COMPONENTS = '#/components/schemas/';
const TAGS = 'ETags from earlier answers, or * for any (RFC 9110, section 13.1)';
const TEXT = { type: 'string' } as const;
/** Statuses of every route: invalid input, conditions that it cannot fulfil, and commands that are not answered in time. */
const COMMON = [400, 412, 429, 503, 504];
const WITH_BODY = [413, 415];

const IF_MATCH = {
  read: TAGS,
  change: `${TAGS}; if the resource has another version or does not exist, the answer is 412`,
};
const IF_NONE_MATCH = {
  read: `${TAGS}; if the caller has the current version, the answer is 304`,
  change: `${TAGS}; with *, only a resource that does not exist is created`,
};

/** The decorators that describe a route in the OpenAPI document. */
export function openApiDecorators(
  { summary, description, headers = {}, accepts, body, part, example, answers }: RouteDescription,
): MethodDecorator[] {
  const { statuses, mediaType = 'application/json', errors, conditions, key } = answers;
  const takesBody = body !== undefined || accepts !== undefined;
  const failures = new Set([...COMMON, ...errors, ...(takesBody ? WITH_BODY : []), ...(conditions === 'required' ? [428] : [])]);
  const kind = conditions === 'read' ? 'read' : 'change';
  return [
    ApiOperation({ summary, ...(description === undefined ? {} : { description }) }),
    ...Object.entries(headers).map(([name, header]) => ApiHeader({ name, required: false, ...header })),
    ...(key === undefined ? [] : [ApiHeader({
      name: 'Idempotency-Key', required: false, description: 'an Identifier in ASCII; a command is applied once under it, and a repetition gets the same answer',
      schema: { ...TEXT, minLength: 1, maxLength: 128, pattern: '^[!-~]([ -~]*[!-~])?$' },
    })]),
    ...(conditions === undefined ? [] : [
      ApiHeader({ name: 'If-Match', required: conditions === 'required', description: IF_MATCH[kind], schema: TEXT }),
      ApiHeader({ name: 'If-None-Match', required: false, description: IF_NONE_MATCH[kind], schema: TEXT }),
    ]),
    ...(accepts ? [ApiConsumes(accepts[0])] : []),
    ...(part ? [ApiBody({ schema: reference(part, 'input') })] : []),
    ...(body && example !== undefined ? [ApiBody({ schema: reference(body, 'input'), examples: { example: { value: example } } })] : []),
    ...Object.entries(statuses).map(([status, schema]) => ApiResponse({ status: Number(status), ...answerOf(Number(status), mediaType, schema) })),
    ...[...failures].map((status) => ApiResponse({ status, ...answerOf(status, 'application/problem+json', Problem) })),
  ];
}

function answerOf(status: number, mediaType: string, schema: z.ZodType | string): { description: string; content?: Content } {
  if (typeof schema === 'string') return { description: schema };
  return { description: STATUS_CODES[status] ?? '', content: { [mediaType]: { schema: reference(schema, 'output') } } };
}

/** All schemas of the contracts that have an id, by id. */
export function components(): Record<string, JsonSchema> {
  const uri = (id: string): string => `${COMPONENTS}${id}`;
  const { schemas } = z.toJSONSchema(z.globalRegistry, { uri, io: 'input' });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema: _dialect, $id: _id, ...schema }]) => [id, schema]),
  );
}

/** The JSON schema of a zod schema: a reference if it has an id, and inline otherwise. */
export function reference(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const id = z.globalRegistry.get(schema)?.id;
  if (id !== undefined) return { $ref: `${COMPONENTS}${id}` };
  const { $schema: _dialect, ...inlined } = z.toJSONSchema(schema, { io });
  return inlined;
}
