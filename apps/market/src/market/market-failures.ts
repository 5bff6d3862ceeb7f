import type { Precondition } from '@aisle/contracts';
import { Failure } from '@aisle/std';

export class MarketUnknown extends Failure {
  readonly kind = 'missing';
  readonly code = 'market.unknown';
  constructor(market: string) {
    super('there is no such market; PUT it, or POST a product to it', { market });
  }
}

export class MarketChanged extends Failure {
  readonly kind = 'precondition';
  readonly code = 'precondition.failed';
  constructor({ ifMatch, ifNoneMatch }: Precondition, version = 0) {
    super('the market is not at a version that If-Match or If-None-Match asks for', { ifMatch, ifNoneMatch, version });
  }
}

/** What its products cost is in this currency. */
export class CurrencyFixed extends Failure {
  readonly kind = 'conflict';
  readonly code = 'market.currency_fixed';
  constructor(currency: string) {
    super('the market has products in its currency, and keeps it', { currency });
  }
}

export class MarketFull extends Failure {
  readonly kind = 'rejected';
  readonly code = 'market.full';
  constructor(productsMax: number) {
    super('the market has no room for another product', { productsMax });
  }
}

/** The market is on its way back into memory; nothing was done. */
export class MarketRestarting extends Failure {
  readonly kind = 'unavailable';
  readonly code = 'market.restarting';
  constructor() {
    super('the market is just being loaded again', { retryAfterMs: 100 });
  }
}
