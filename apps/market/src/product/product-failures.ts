import type { Precondition } from '@aisle/contracts';
import { Failure } from '@aisle/std';

export class ProductMissing extends Failure {
  readonly kind = 'missing';
  readonly code = 'product.missing';
  constructor(sku: string) {
    super('the market has no such product', { sku });
  }
}

export class ProductExists extends Failure {
  readonly kind = 'conflict';
  readonly code = 'product.exists';
  constructor(sku: string) {
    super('the market has a product of that sku already; PUT or PATCH it', { sku });
  }
}

/** It is not at a version that the caller asks for; without a version, it is not there. */
export class ProductChanged extends Failure {
  readonly kind = 'precondition';
  readonly code = 'precondition.failed';
  constructor({ ifMatch, ifNoneMatch }: Precondition, version = 0) {
    super('the product is not at a version that If-Match or If-None-Match asks for', { ifMatch, ifNoneMatch, version });
  }
}

/** Whoever replaces a product says which version of it, so that nobody's change is lost. */
export class VersionRequired extends Failure {
  readonly kind = 'precondition';
  readonly code = 'precondition.required';
  constructor(version: number) {
    super('the If-Match header must say which version this replaces, or * for any', { version });
  }
}

/** A product costs what it costs in its market's currency. */
export class PriceForeign extends Failure {
  readonly kind = 'rejected';
  readonly code = 'product.price_foreign';
  constructor(currency: string, expected: string) {
    super('the price must be in the currency of the market', { currency, expected });
  }
}

/** Which of the lots would have that date? */
export class LotsSeveral extends Failure {
  readonly kind = 'conflict';
  readonly code = 'product.lots_several';
  constructor(sku: string) {
    super('the product lies in lots of several dates; adjust the stock lot by lot', { sku });
  }
}
