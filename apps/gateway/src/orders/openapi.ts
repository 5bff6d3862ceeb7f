import { applyDecorators } from '@nestjs/common';
import { Order, OrderHistory, OrderList } from '@aisle/contracts';
import { answer, problems, takesKey } from '../openapi.ts';

/** A route that takes an order. */
export function TakesOrder(): MethodDecorator {
  return applyDecorators(takesKey(), answer(202, Order), ...problems(400, 404, 422, 429, 503, 504));
}

/** A route that answers with an order. */
export function AnswersOrder(): MethodDecorator {
  return applyDecorators(answer(200, Order), ...problems(400, 404, 429, 503, 504));
}

/** A route that asks something of an order, and answers with it once that is done. */
export function ChangesOrder(): MethodDecorator {
  return applyDecorators(takesKey(), answer(200, Order), ...problems(400, 404, 409, 422, 429, 503, 504));
}

/** A route that answers with a page of orders. */
export function AnswersOrders(): MethodDecorator {
  return applyDecorators(answer(200, OrderList), ...problems(400, 429, 503, 504));
}

/** A route that answers with how an order came to stand as it does. */
export function AnswersOrderHistory(): MethodDecorator {
  return applyDecorators(answer(200, OrderHistory), ...problems(400, 404, 429, 503, 504));
}
