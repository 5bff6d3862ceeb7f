import { ABSENT, type Money, type Precondition } from '@aisle/contracts';
import { failures } from '@aisle/std';

/** Failures of a basket. */
export const BasketFailure = failures('basket', {
  full: ['rejected', 'the basket has no room for another product', (linesMax: number) => ({ linesMax })],
  lineFull: ['rejected', 'the line has no room for so many units', (sku: string, unitsMax: number) => ({ sku, unitsMax })],
  lineMissing: ['missing', 'the basket has no line of that product', (sku: string) => ({ sku })],
  missing: ['missing', ABSENT.basket],
  /** The sender may use one opening of the basket, and this is another one. */
  openingOver: ['unauthorized', 'the token was for an opening of the basket that a checkout or its expiry ended; ask for a new token'],
  /** Its lines are in another basket. A change of it conflicts with that. */
  merged: ['conflict', 'the basket was merged into another one', (into: string) => ({ into })],
  /** The same, for a read. */
  mergedAway: ['missing', 'the basket was merged into another one', (into: string) => ({ into })],
  expired: ['missing', 'the basket expired, because it was not used for a long time; PUT it, or add a line, to begin again'],
  /** The merge either ends or is undone. Until then the effect of a change is not known. */
  sealed: ['unavailable', 'the basket is being merged into another one', (into: string) => ({ into, retryAfterMs: 200 })],
  /** Two baskets that merge into each other would wait for ever, so the second merge is declined. */
  targetMerging: [
    'conflict', 'the basket is itself being merged into another one; merge again later, under another key',
    (into: string) => ({ into }),
  ],
  mergeIntoItself: ['rejected', 'a basket cannot be merged into itself'],
  empty: ['rejected', 'there is nothing in the basket to check out'],
  /** The shopper is charged no total that they were not shown. */
  totalChanged: [
    'precondition', 'the total differs from the one that the shopper was shown; show the new one, and check out again under another key',
    (total: Money) => ({ total }),
  ],
  /** The market would reject an order of them. */
  productsUnavailable: [
    'rejected', 'the market no longer sells some of the products; take them out of the basket',
    (skus: readonly string[]) => ({ skus }),
  ],
  /** Never leaves this process: the sweeper goes on. */
  nothingToExpire: ['conflict', 'the basket is empty, or not open'],
  /** Never leaves this process: a caller who opens a basket that exists, or repeats a merge, gets the basket as it is. */
  exists: ['conflict', 'the basket exists already'],
  /** Never leaves this process: the command is planned again. */
  planOutdated: ['unavailable', 'the basket changed while the command was being priced', () => ({ retryAfterMs: 0 })],
  /** `version` is 0 where there is no basket. */
  versionMismatch: [
    'precondition', 'the basket has another version than If-Match or If-None-Match asks for; read it again',
    ({ ifMatch: wanted, ifNoneMatch: unwanted }: Precondition, version = 0) => ({ wanted, unwanted, version }),
  ],
  restarting: ['unavailable', 'the basket is being restarted; retry with the same Idempotency-Key', () => ({ retryAfterMs: 0 })],
}, { codes: { mergedAway: 'basket.merged' } });

/** Failures of pricing a basket. */
export const PricingFailure = failures('pricing', {
  /** The basket was priced by newer rules, or a newer catalogue, than this server has read. It reads them soon. */
  behind: ['unavailable', 'this server has not read the rules and prices of the basket yet', () => ({ retryAfterMs: 500 })],
});

/** Failures of the market of a basket. */
export const MarketFailure = failures('market', {
  unknown: ['missing', 'there is no such market', (market: string) => ({ market })],
});

/** Failures of the products in a basket. */
export const ProductFailure = failures('product', {
  unknown: ['rejected', 'the market does not sell that product', (market: string, sku: string) => ({ market, sku })],
  crashed: ['unavailable', 'pricing this product failed, and the basket is as it was', (sku: string) => ({ sku })],
});
