import { applyDecorators } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiBody, ApiConsumes, ApiResponse } from '@nestjs/swagger';
import type { z } from 'zod';
import { ImportProgress, Market, NewProduct, Product, Stock } from '@aisle/contracts';
import { NDJSON, NDJSON_TYPES } from './ndjson.ts';
import { answer, answerAs, changesTagged, problems, readsTagged, takesKey } from '../openapi.ts';

/** A route that answers with a document or a list, of the schema. */
export function Answers(schema: z.ZodType): MethodDecorator {
  return applyDecorators(answer(200, schema), ...problems(400, 404, 429, 503, 504));
}

/** A route that answers with a document that has an `ETag`. */
export function AnswersTagged(schema: z.ZodType): MethodDecorator {
  return applyDecorators(readsTagged(), answer(200, schema), ...problems(400, 404, 412, 429, 503, 504));
}

/** A route that makes a market, or changes it. */
export function AnswersMarket(): MethodDecorator {
  return applyDecorators(
    takesKey(), changesTagged(), answer(200, Market), answer(201, Market), ...problems(400, 409, 412, 422, 429, 503, 504),
  );
}

/** A route that takes a new product, and its market with it when that is new as well. */
export function TakesProduct(): MethodDecorator {
  return applyDecorators(takesKey(), changesTagged(), answer(201, Product), ...problems(400, 409, 412, 422, 429, 503, 504));
}

/** A route that makes a product, or replaces one at the version that `If-Match` says. */
export function ReplacesProduct(): MethodDecorator {
  return applyDecorators(
    takesKey(), changesTagged(), answer(200, Product), answer(201, Product),
    ...problems(400, 404, 409, 412, 422, 428, 429, 503, 504),
  );
}

/** A route that changes a product. */
export function ChangesProduct(): MethodDecorator {
  return applyDecorators(
    takesKey(), changesTagged(), answer(200, Product), ...problems(400, 404, 409, 412, 422, 429, 503, 504),
  );
}

/** A route that takes a product out of the market. */
export function DeletesProduct(): MethodDecorator {
  return applyDecorators(
    takesKey(), changesTagged(), ApiResponse({ status: 204, description: 'it is not sold any more' }),
    ...problems(400, 404, 412, 429, 503, 504),
  );
}

/** A route that takes products, a line each, and tells line by line what became of them. */
export function ImportsProducts(): MethodDecorator {
  return applyDecorators(
    RouteConfig({ accepts: NDJSON_TYPES }), takesKey(), ApiConsumes(NDJSON), ApiBody({ schema: { $ref: `#/components/schemas/${NewProduct.meta()?.id}` } }),
    answerAs(NDJSON, 200, ImportProgress), ...problems(400, 413, 415, 422, 429, 503, 504),
  );
}

/** A route that changes the stock. */
export function AdjustsStock(): MethodDecorator {
  return applyDecorators(takesKey(), changesTagged(), answer(200, Stock), ...problems(400, 404, 409, 412, 422, 429, 503, 504));
}
