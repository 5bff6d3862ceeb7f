import { Failure } from '@aisle/std';

/** Orders were promised the rest, or there is no more. */
export class StockInsufficient extends Failure {
  readonly kind = 'rejected';
  readonly code = 'stock.insufficient';
  constructor(sku: string, onHand: number, reserved: number) {
    super('there is not so much that is not promised to an order', { sku, onHand, reserved });
  }
}

/** Orders were promised good units that the change would take, or make expire; other units on hand have expired. */
export class StockPromised extends Failure {
  readonly kind = 'rejected';
  readonly code = 'stock.promised';
  constructor(sku: string, units: { good: number; left: number; reserved: number }) {
    super('it would leave fewer good units than orders were promised; put others in first, or cancel orders', { sku, ...units });
  }
}

/** The caller counted on another quantity than there is. */
export class StockChanged extends Failure {
  readonly kind = 'conflict';
  readonly code = 'stock.quantity_changed';
  constructor(sku: string, expectedQuantity: number, quantity: number) {
    super('the stock is not what the caller expected; read it again', { sku, expectedQuantity, quantity });
  }
}

/** The order was promised units that have expired since; it can be fulfilled once there are others. */
export class StockExpired extends Failure {
  readonly kind = 'rejected';
  readonly code = 'stock.expired';
  constructor(sku: string, quantity: number, good: number) {
    super('not so many units are left that have not expired', { sku, quantity, good });
  }
}

export class StockTooMuch extends Failure {
  readonly kind = 'rejected';
  readonly code = 'stock.too_much';
  constructor(unitsMax: number) {
    super('a product has no more units than that', { unitsMax });
  }
}

export class LotsFull extends Failure {
  readonly kind = 'rejected';
  readonly code = 'stock.lots_full';
  constructor(lotsMax: number) {
    super('the product has no room for another lot', { lotsMax });
  }
}

export class LotMissing extends Failure {
  readonly kind = 'missing';
  readonly code = 'stock.lot_missing';
  constructor(lot: string) {
    super('the product has no such lot', { lot });
  }
}

/** A lot has one date. */
export class LotDated extends Failure {
  readonly kind = 'conflict';
  readonly code = 'stock.lot_dated';
  constructor(lot: string, expiresOn: string | null) {
    super('the lot is there already, with another date', { lot, expiresOn });
  }
}

/** Nobody reserved anything for the order. */
export class OrderUnknown extends Failure {
  readonly kind = 'missing';
  readonly code = 'stock.order_unknown';
  constructor(orderId: string) {
    super('the market has no stock of that order', { orderId });
  }
}

/** Never leaves this process: the order is not in memory any more, and is looked up. */
export class OrderForgotten extends Failure {
  readonly kind = 'unavailable';
  readonly code = 'stock.order_forgotten';
  constructor() {
    super('the order has to be looked up', { retryAfterMs: 0 });
  }
}

/** Never leaves this process: who looks for what is due goes on. */
export class NothingDue extends Failure {
  readonly kind = 'conflict';
  readonly code = 'stock.nothing_due';
  constructor() {
    super('nothing of it is due any more');
  }
}
