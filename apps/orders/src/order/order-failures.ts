import type { OrderReason, OrderStatus } from '@aisle/contracts';
import { Failure } from '@aisle/std';

interface Standing {
  readonly status: OrderStatus;
  readonly reason: OrderReason | null;
}

/** No order has this id. */
export class OrderMissing extends Failure {
  readonly kind = 'missing';
  readonly code = 'order.missing';
  constructor(id: string) {
    super('there is no such order', { id });
  }
}

/** The goods have been handed out, or are just being, or the order was rejected. */
export class OrderNotCancellable extends Failure {
  readonly kind = 'conflict';
  readonly code = 'order.not_cancellable';
  constructor({ status, reason }: Standing) {
    super('the order can no longer be cancelled', { status, ...(reason ? { reason } : {}) });
  }
}

/** Only what is CONFIRMED, and not being cancelled, can be handed out. */
export class OrderNotFulfillable extends Failure {
  readonly kind = 'conflict';
  readonly code = 'order.not_fulfillable';
  constructor({ status, reason }: Standing) {
    super('only a confirmed order can be fulfilled', { status, ...(reason ? { reason } : {}) });
  }
}

/** The market has not answered; it goes on being asked, and the same question again finds out. */
export class OrderUndecided extends Failure {
  readonly kind = 'unknown';
  readonly code = 'order.undecided';
  constructor() {
    super('the market has not answered yet; it will be asked until it does');
  }
}

/** Another order was placed under the same id. */
export class IdempotencyMismatch extends Failure {
  readonly kind = 'rejected';
  readonly code = 'idempotency.mismatch';
  constructor() {
    super('the idempotency key was used with another payload');
  }
}
