import { Failure } from '@aisle/std';

export class BasketFull extends Failure {
  readonly kind = 'rejected';
  readonly code = 'basket.full';
  constructor(linesMax: number) {
    super('the basket has no room for another product', { linesMax });
  }
}

export class LineFull extends Failure {
  readonly kind = 'rejected';
  readonly code = 'basket.line_full';
  constructor(sku: string, unitsMax: number) {
    super('a line holds no more units than that', { sku, unitsMax });
  }
}

export class LineMissing extends Failure {
  readonly kind = 'missing';
  readonly code = 'basket.line_missing';
  constructor(sku: string) {
    super('the basket has no line of that product', { sku });
  }
}

export class BasketMissing extends Failure {
  readonly kind = 'missing';
  readonly code = 'basket.missing';
  constructor() {
    super('there is no such basket; PUT it, or add a line to it');
  }
}

/** Never leaves this process: whoever opens a basket that is there gets it as it is. */
export class BasketExists extends Failure {
  readonly kind = 'conflict';
  readonly code = 'basket.exists';
  constructor() {
    super('the basket is there already');
  }
}

/** Never leaves this process: the command is planned again. */
export class PlanOutdated extends Failure {
  readonly kind = 'unavailable';
  readonly code = 'basket.plan_outdated';
  constructor() {
    super('the basket changed while the command was being priced', { retryAfterMs: 0 });
  }
}

export class MarketUnknown extends Failure {
  readonly kind = 'missing';
  readonly code = 'market.unknown';
  constructor(market: string) {
    super('there is no such market', { market });
  }
}

export class ProductUnknown extends Failure {
  readonly kind = 'rejected';
  readonly code = 'product.unknown';
  constructor(market: string, sku: string) {
    super('the market does not sell that product', { market, sku });
  }
}

export class VersionMismatch extends Failure {
  readonly kind = 'precondition';
  readonly code = 'basket.version_mismatch';
  constructor(wanted: number, version: number) {
    super('the basket has another version than If-Match asks for; read it again', { wanted, version });
  }
}

export class ProductCrashed extends Failure {
  readonly kind = 'unavailable';
  readonly code = 'product.crashed';
  constructor(sku: string) {
    super('pricing this product failed, and the basket is as it was', { sku });
  }
}

export class BasketRestarting extends Failure {
  readonly kind = 'unavailable';
  readonly code = 'basket.restarting';
  constructor() {
    super('the basket is being brought back; retry with the same Idempotency-Key', { retryAfterMs: 0 });
  }
}
