import { ABSENT, type OrderReason, type OrderStatus } from '@aisle/contracts';
import { failures } from '@aisle/std';

interface Standing {
  readonly status: OrderStatus;
  readonly reason: OrderReason | null;
}

/** Failures of an order. */
export const OrderFailure = failures('order', {
  missing: ['missing', ABSENT.order, (id: string) => ({ id })],
  /** The goods are or were handed out, or the order was rejected. */
  notCancellable: [
    'conflict', 'the order can no longer be cancelled',
    ({ status, reason }: Standing) => ({ status, ...(reason ? { reason } : {}) }),
  ],
  /** Only an order that is CONFIRMED, and not being cancelled, can be handed out. */
  notFulfillable: [
    'conflict', 'only a confirmed order can be fulfilled',
    ({ status, reason }: Standing) => ({ status, ...(reason ? { reason } : {}) }),
  ],
  /** The market has not answered yet. A retry finds out. */
  undecided: ['unknown', 'the market has not answered yet; it will be asked until it does'],
  /** Another order was placed under the same id. */
  idempotencyMismatch: ['rejected', 'the idempotency key was used with another payload'],
  cursorInvalid: ['invalid', 'the cursor must be the `next` of the page before'],
}, { codes: { idempotencyMismatch: 'idempotency.mismatch' } });
