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
  constructor(market: string, basket: string) {
    super('there is no such basket; PUT it, or add a line to it', { market, basket });
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
