import { STATUS_CODES } from 'node:http';
import { applyDecorators } from '@nestjs/common';
import { RouteConfig, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { ApiHeader, ApiResponse, DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { z } from 'zod';
import { Basket, BasketJournal, Problem, Quote } from '@aisle/contracts';

type JsonSchema = Record<string, unknown>;

const COMPONENTS = '#/components/schemas/';
const TAGS = 'ETags as they were answered, or * for any (RFC 9110, section 13.1)';
const TEXT = { type: 'string' } as const;

/** Serves OpenAPI 3.1 at `/openapi.json`, made from the schemas that validate, and a page at `/docs`. */
export function serveOpenApi(app: NestFastifyApplication): void {
  const settings = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Aisle')
    .setDescription('Baskets, prices, stock and orders of a supermarket chain.')
    .setVersion('1')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .build();
  const document = SwaggerModule.createDocument(app, settings, {
    standardSchemaConverter: (schema: unknown) => ({ schema: reference(schema as z.ZodType, 'input') }),
  });
  document.components = { ...document.components, schemas: components() };
  // A colon that is one is written twice in a route, and once in its address.
  document.paths = Object.fromEntries(
    Object.entries(document.paths).map(([path, operations]) => [path.replace(/(::|:\{:)/g, ':'), withCommonProblems(operations)]),
  );
  SwaggerModule.setup('docs', app, document, { jsonDocumentUrl: 'openapi.json' });
}

/** A route that answers with the basket after a change. */
export function AnswersBasket({ created = false } = {}): MethodDecorator {
  return applyDecorators(
    takesKey(),
    changesTagged(),
    answer(200, Basket),
    ...(created ? [answer(201, Basket)] : []),
    ...problems(400, 404, 409, 412, 422, 429, 503, 504),
  );
}

/** A route that answers with the basket as it is. */
export function ReadsBasket(): MethodDecorator {
  return applyDecorators(readsTagged(), answer(200, Basket), ...problems(400, 404, 412, 429, 503, 504));
}

/** A route that is applied once under each key. */
export function takesKey(): MethodDecorator {
  return ApiHeader({
    name: 'Idempotency-Key', required: false, description: 'an Identifier in ASCII; the same again is applied once, and answered alike',
    schema: { ...TEXT, minLength: 1, maxLength: 128, pattern: '^[!-~]([ -~]*[!-~])?$' },
  });
}

/** A route that answers an `ETag`, and changes what it is of only under the conditions on it. */
export function changesTagged({ required = false } = {}): MethodDecorator {
  return applyDecorators(
    RouteConfig({ answersEtag: true }),
    ApiHeader({ name: 'If-Match', required, description: `${TAGS}; of another version, and of what is not there, the answer is 412`, schema: TEXT }),
    ApiHeader({ name: 'If-None-Match', required: false, description: `${TAGS}; with *, only what is not there is made`, schema: TEXT }),
  );
}

/** A route that answers an `ETag` of what it reads. */
export function readsTagged(): MethodDecorator {
  return applyDecorators(
    RouteConfig({ answersEtag: true }),
    ApiHeader({ name: 'If-Match', required: false, description: TAGS, schema: TEXT }),
    ApiHeader({ name: 'If-None-Match', required: false, description: `${TAGS}; what the caller has is answered with 304`, schema: TEXT }),
    ApiResponse({ status: 304, description: 'the caller has it' }),
  );
}

/** A route that answers with a priced list. */
export function AnswersQuote(): MethodDecorator {
  return applyDecorators(answer(200, Quote), ...problems(400, 404, 422, 429, 503, 504));
}

/** A route that answers with a page of a basket's history. */
export function AnswersJournal(): MethodDecorator {
  return applyDecorators(answer(200, BasketJournal), ...problems(400, 404, 429, 503, 504));
}

/** One answer of a route, by the schema of its body. */
export function answer(status: number, schema: z.ZodType): MethodDecorator {
  return answerAs('application/json', status, schema);
}

/** The same in another media type. */
export function answerAs(mediaType: string, status: number, schema: z.ZodType): MethodDecorator {
  return ApiResponse({
    status,
    description: STATUS_CODES[status] ?? '',
    content: { [mediaType]: { schema: reference(schema, 'output') } },
  });
}

/** The failures of a route, each a problem document. */
export function problems(...statuses: number[]): MethodDecorator[] {
  return statuses.map((status) => ApiResponse({ status, ...problem(status) }));
}

function problem(status: number): { description: string; content: Record<string, { schema: JsonSchema }> } {
  return { description: STATUS_CODES[status] ?? '', content: { 'application/problem+json': { schema: reference(Problem, 'output') } } };
}

/** The same with what is refused on every route: what it does not take, conditions that it can't fulfil, bodies that are not read. */
function withCommonProblems<T extends object>(operations: T): T {
  const entries = Object.entries(operations as Record<string, { requestBody?: unknown; responses: object }>);
  return Object.fromEntries(entries.map(([method, operation]) => {
    const statuses = operation.requestBody === undefined ? [400, 412] : [400, 412, 413, 415];
    const common = Object.fromEntries(statuses.map((status) => [status, problem(status)]));
    return [method, { ...operation, responses: { ...common, ...operation.responses } }];
  })) as T;
}


/** Every schema of the contracts that has an id, by it. */
function components(): Record<string, JsonSchema> {
  const uri = (id: string): string => `${COMPONENTS}${id}`;
  const { schemas } = z.toJSONSchema(z.globalRegistry, { uri, io: 'input' });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema: _dialect, $id: _id, ...schema }]) => [id, schema]),
  );
}

function reference(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const id = z.globalRegistry.get(schema)?.id;
  if (id !== undefined) return { $ref: `${COMPONENTS}${id}` };
  const { $schema: _dialect, ...inlined } = z.toJSONSchema(schema, { io });
  return inlined;
}
