import { applyDecorators } from '@nestjs/common';
import { CheckedOut } from '@aisle/contracts';
import { answer, changesTagged, problems, takesKey } from '../openapi.ts';

/** A route that answers with what was ordered, its place in `Location`. */
export function AnswersCheckout(): MethodDecorator {
  return applyDecorators(
    takesKey(),
    changesTagged(),
    answer(202, CheckedOut),
    ...problems(400, 404, 409, 412, 422, 429, 503, 504),
  );
}
