import type { Precondition, Unit } from '@aisle/contracts';
import { failures } from '@aisle/std';

/** Failures of a product of a market. */
export const ProductFailure = failures('product', {
  missing: ['missing', 'the market has no such product', (sku: string) => ({ sku })],
  exists: ['conflict', 'the market has a product of that sku already; PUT or PATCH it', (sku: string) => ({ sku })],
  /** `version` is 0 where the market has no such product. */
  changed: [
    'precondition', 'the product is not at a version that If-Match or If-None-Match asks for',
    ({ ifMatch, ifNoneMatch }: Precondition, version = 0) => ({ ifMatch, ifNoneMatch, version }),
  ],
  /** A caller who replaces a product says which version of it, so that no other change is lost. */
  versionRequired: [
    'precondition', 'the If-Match header must say which version this replaces, or * for any',
    (version: number) => ({ version }),
  ],
  priceForeign: [
    'rejected', 'the price must be in the currency of the market',
    (currency: string, expected: string) => ({ currency, expected }),
  ],
  /** Also of a deleted product, whose orders may be open. */
  unitFixed: [
    'conflict', 'the unit of a product never changes, since stock, baskets and orders count in it; use another SKU',
    (sku: string, unit: Unit | null) => ({ sku, unit }),
  ],
  untaxed: [
    'rejected', 'the market has taxes, so the product needs a tax category with a rate on this day',
    (sku: string, taxCategory: string | null, day: string) => ({ sku, taxCategory, day }),
  ],
  codeTaken: [
    'conflict', 'another product of the market has this code', (sku: string, code: string, owner: string) => ({ sku, code, owner }),
  ],
  /** The date would belong to one of the lots, and the request does not say to which. */
  lotsSeveral: ['conflict', 'the product has lots of several dates; adjust the stock lot by lot', (sku: string) => ({ sku })],
}, { codes: { changed: 'precondition.failed', versionRequired: 'precondition.required' } });
