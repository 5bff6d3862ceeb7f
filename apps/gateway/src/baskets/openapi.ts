import { applyDecorators } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import { CheckedOut } from '@aisle/contracts';
import { answer, problems } from '../openapi.ts';

/** A route that answers with what was ordered, its place in `Location`. */
export function AnswersCheckout(): MethodDecorator {
  return applyDecorators(
    ApiHeader({ name: 'Idempotency-Key', required: false, schema: { type: 'string', maxLength: 128 } }),
    ApiHeader({ name: 'If-Match', required: false, schema: { type: 'string' } }),
    answer(202, CheckedOut),
    ...problems(400, 404, 409, 412, 422, 429, 503, 504),
  );
}
