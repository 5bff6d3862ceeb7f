import { ApiBody, ApiConsumes, ApiHeader, ApiOperation, ApiResponse } from '@nestjs/swagger';
import type { Scope } from '@aisle/contracts';
import type { z } from 'zod';
import type { RouteAnswers } from './answers.ts';
import { responsesOf, type RoutePlace } from './responses.ts';
import { reference, type JsonSchema } from './schemas.ts';

/** The description of a route in the OpenAPI document. */
export interface RouteDescription {
  /** The right that a principal needs. */
  readonly scope: Scope;
  /** Whether the token of a shopper permits it for that shopper's basket, or in the market of that basket. */
  readonly isForShoppers?: boolean;
  /** One sentence that says what the route does. */
  readonly summary: string;
  /** Further sentences for clients. */
  readonly description?: string;
  /** Headers that only this route takes. */
  readonly headers?: Readonly<Record<string, { readonly description: string; readonly schema: JsonSchema }>>;
  /** The media types of the body; JSON unless given. `part` describes one part of such a body. */
  readonly accepts?: readonly [string, ...string[]];
  readonly body?: z.ZodType;
  readonly part?: { readonly schema: z.ZodType; readonly example: unknown };
  readonly example?: unknown;
  readonly answers: RouteAnswers<never>;
}

const TAGS = 'ETags from earlier answers, or * for any (RFC 9110, section 13.1)';
const TEXT = { type: 'string' } as const;

const IF_MATCH = {
  read: TAGS,
  change: `${TAGS}; if the resource has another version or does not exist, the answer is 412`,
};
const IF_NONE_MATCH = {
  read: `${TAGS}; if the caller has the current version, the answer is 304`,
  change: `${TAGS}; with *, only a resource that does not exist is created`,
};

/** The decorators that describe a route in the OpenAPI document. */
export function openApiDecorators(route: RouteDescription, place: RoutePlace): MethodDecorator[] {
  const { scope, isForShoppers, summary, description, headers = {}, accepts = ['application/json'], body, part, example, answers: { conditions, errors, key, minimal } } = route;
  const kind = conditions === 'read' ? 'read' : 'change';
  const schema = body ?? part?.schema;
  const value = example ?? part?.example;
  const content = schema && { schema: reference(schema, 'input'), ...(value === undefined ? {} : { examples: { example: { value } } }) };
  return [
    ApiOperation({ operationId: place.name, summary, description: `${description === undefined ? '' : `${description} `}Needs the scope \`${scope}\`${isForShoppers ? ', or the token of the shopper' : ''}.` }),
    ...Object.entries(headers).map(([name, header]) => ApiHeader({ name, required: false, ...header })),
    ...(key === undefined ? [] : [ApiHeader({
      name: 'Idempotency-Key', required: false, description: 'an Identifier in ASCII; a command is applied once under it, and a repetition gets the same answer',
      schema: { ...TEXT, minLength: 1, maxLength: 128, pattern: '^[!-~]([ -~]*[!-~])?$' },
    })]),
    ...(conditions === undefined ? [] : [
      ApiHeader({
        name: 'If-Match', required: conditions === 'required', description: IF_MATCH[kind], schema: TEXT,
        ...(conditions === 'required' || errors.includes('precondition.required') ? { example: '*' } : {}),
      }),
      ApiHeader({ name: 'If-None-Match', required: false, description: IF_NONE_MATCH[kind], schema: TEXT }),
    ]),
    ...(minimal ? [ApiHeader({
      name: 'Prefer', required: false, description: 'with return=minimal the answer is 204 without the document (RFC 7240, section 4.2)', schema: TEXT,
    })] : []),
    ...(content ? [ApiConsumes(...accepts), ApiBody({ required: body === undefined || !isOptional(body), ...content })] : []),
    ...Object.entries(responsesOf(route, place)).map(([status, response]) => ApiResponse({ status: Number(status), ...response })),
  ];
}

/** Whether a request may come without a body. */
function isOptional(body: z.ZodType): boolean {
  return body.safeParse(undefined).success;
}
