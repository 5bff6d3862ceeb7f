import { applyDecorators } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import { Consumer, ConsumerList, ConsumerMessage } from '@aisle/contracts';
import { answer, problems, takesKey } from '../openapi.ts';

/** A route that starts a consumer; 409 `already_started` has whoever bears the name in its `details`. */
export function StartsConsumer(): MethodDecorator {
  return applyDecorators(takesKey(), answer(201, Consumer), ...problems(400, 409, 429, 503, 504));
}

/** A route that answers with a consumer. */
export function AnswersConsumer(): MethodDecorator {
  return applyDecorators(answer(200, Consumer), ...problems(400, 404, 429, 503, 504));
}

/** A route that answers with a page of consumers. */
export function AnswersConsumers(): MethodDecorator {
  return applyDecorators(answer(200, ConsumerList), ...problems(400, 429, 503, 504));
}

/** A route that takes a message; its id is the Idempotency-Key. */
export function TakesMessage(): MethodDecorator {
  return applyDecorators(takesKey(), answer(201, ConsumerMessage), ...problems(400, 404, 422, 429, 503, 504));
}

/** A route that ends a consumer. */
export function StopsConsumer(): MethodDecorator {
  return applyDecorators(
    takesKey(),
    ApiResponse({ status: 204, description: 'its name is free' }), ...problems(400, 404, 429, 503, 504),
  );
}
