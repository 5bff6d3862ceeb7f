import { STATUS_CODES } from 'node:http';
import { applyDecorators } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ApiHeader, ApiResponse, DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { z } from 'zod';
import { Basket, BasketJournal, Problem, Quote } from '@aisle/contracts';

type JsonSchema = Record<string, unknown>;

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
    Object.entries(document.paths).map(([path, operations]) => [path.replace(/(::|:\{:)/g, ':'), operations]),
  );
  SwaggerModule.setup('docs', app, document, { jsonDocumentUrl: 'openapi.json' });
}

/** A route that answers with the basket, after the change if there was one. */
export function AnswersBasket({ created = false } = {}): MethodDecorator {
  return applyDecorators(
    ApiHeader({ name: 'Idempotency-Key', required: false, schema: { type: 'string', maxLength: 128 } }),
    ApiHeader({ name: 'If-Match', required: false, schema: { type: 'string' } }),
    answer(200, Basket),
    ...(created ? [answer(201, Basket)] : []),
    ...problems(400, 404, 409, 412, 422, 429, 503, 504),
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
  return statuses.map((status) =>
    ApiResponse({
      status,
      description: STATUS_CODES[status] ?? '',
      content: { 'application/problem+json': { schema: reference(Problem, 'output') } },
    }),
  );
}

const COMPONENTS = '#/components/schemas/';

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
