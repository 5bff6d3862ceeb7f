import { applyDecorators } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import { Order, OrderHistory, OrderList } from '@aisle/contracts';
import { answer, problems } from '../openapi.ts';

const IDEMPOTENCY_KEY = ApiHeader({
  name: 'Idempotency-Key', required: false, schema: { type: 'string', maxLength: 128 },
});

/** A route that takes an order. */
export function TakesOrder(): MethodDecorator {
  return applyDecorators(IDEMPOTENCY_KEY, answer(202, Order), ...problems(400, 404, 422, 429, 503, 504));
}

/** A route that answers with an order. */
export function AnswersOrder(): MethodDecorator {
  return applyDecorators(answer(200, Order), ...problems(400, 404, 429, 503, 504));
}

/** A route that asks something of an order, and answers with it once that is done. */
export function ChangesOrder(): MethodDecorator {
  return applyDecorators(IDEMPOTENCY_KEY, answer(200, Order), ...problems(400, 404, 409, 422, 429, 503, 504));
}

/** A route that answers with a page of orders. */
export function AnswersOrders(): MethodDecorator {
  return applyDecorators(answer(200, OrderList), ...problems(400, 429, 503, 504));
}

/** A route that answers with how an order came to stand as it does. */
export function AnswersOrderHistory(): MethodDecorator {
  return applyDecorators(answer(200, OrderHistory), ...problems(400, 404, 429, 503, 504));
}
