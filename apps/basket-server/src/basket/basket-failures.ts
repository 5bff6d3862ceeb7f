import type { Money, Precondition } from '@aisle/contracts';
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

/** Its lines are in another basket. Who reads it finds nothing, who changes it is told so. */
export class BasketMerged extends Failure {
  readonly code = 'basket.merged';
  constructor(
    readonly kind: 'missing' | 'conflict',
    into: string,
  ) {
    super('the basket was merged into another one', { into });
  }
}

export class BasketExpired extends Failure {
  readonly kind = 'missing';
  readonly code = 'basket.expired';
  constructor() {
    super('nobody used the basket for so long that it expired; PUT it, or add a line, to begin again');
  }
}

/** Soon it is merged, or as it was before: until then nobody knows what a change would mean. */
export class BasketSealed extends Failure {
  readonly kind = 'unavailable';
  readonly code = 'basket.sealed';
  constructor(into: string) {
    super('the basket is just being merged into another one', { into, retryAfterMs: 200 });
  }
}

/** Two baskets that merge into each other would wait for ever: the one that comes second is declined. */
export class TargetMerging extends Failure {
  readonly kind = 'conflict';
  readonly code = 'basket.target_merging';
  constructor(into: string) {
    super('the basket is itself being merged into another one; merge again later, under another key', { into });
  }
}

export class MergeIntoItself extends Failure {
  readonly kind = 'rejected';
  readonly code = 'basket.merge_into_itself';
  constructor() {
    super('a basket cannot be merged into itself');
  }
}

export class BasketEmpty extends Failure {
  readonly kind = 'rejected';
  readonly code = 'basket.empty';
  constructor() {
    super('there is nothing in the basket to check out');
  }
}

/** Nobody is charged what they were not told. */
export class TotalChanged extends Failure {
  readonly kind = 'precondition';
  readonly code = 'basket.total_changed';
  constructor(total: Money) {
    super('the basket comes to another total than the shopper was told; show it, and check out again under another key', { total });
  }
}

/** An order of these could only be rejected. */
export class ProductsUnavailable extends Failure {
  readonly kind = 'rejected';
  readonly code = 'basket.products_unavailable';
  constructor(skus: readonly string[]) {
    super('the market no longer sells some of the products; take them out of the basket', { skus });
  }
}

/** Never leaves this process: the sweeper goes on. */
export class NothingToExpire extends Failure {
  readonly kind = 'conflict';
  readonly code = 'basket.nothing_to_expire';
  constructor() {
    super('the basket is empty, or not open');
  }
}

/** Never leaves this process: whoever opens a basket that is there, or merged into it before, gets it as it is. */
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

/** The basket was priced by newer rules, or a newer catalogue, than this server has read; they are on their way. */
export class PricesBehind extends Failure {
  readonly kind = 'unavailable';
  readonly code = 'pricing.behind';
  constructor() {
    super('this server has yet to read the rules and prices under which the basket stands', { retryAfterMs: 500 });
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
  /** Without a version, there is no basket. */
  constructor({ ifMatch: wanted, ifNoneMatch: unwanted }: Precondition, version = 0) {
    super('the basket has another version than If-Match or If-None-Match asks for; read it again', { wanted, unwanted, version });
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
