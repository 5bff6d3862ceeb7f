import { ABSENT, type Precondition } from '@aisle/contracts';
import { failures } from '@aisle/std';

/** Failures of a market. */
export const MarketFailure = failures('market', {
  unknown: ['missing', ABSENT.market, (market: string) => ({ market })],
  changed: [
    'precondition', 'the market is not at a version that If-Match or If-None-Match asks for',
    ({ ifMatch, ifNoneMatch }: Precondition, version = 0) => ({ ifMatch, ifNoneMatch, version }),
  ],
  /** The prices of its products are in this currency. */
  currencyFixed: ['conflict', 'the currency of a market with products cannot be changed', (currency: string) => ({ currency })],
  /** A line without a known rate would be refused, and a rate of 0 charged for good. Up to 20 products are named. */
  productsUntaxed: [
    'rejected', 'some products of the market have no tax category with a rate on this day; give them one first',
    (skus: readonly string[], day: string) => ({ skus, day }),
  ],
  full: ['rejected', 'the market has no room for another product', (productsMax: number) => ({ productsMax })],
  /** The market is being loaded again; nothing was done. */
  restarting: ['unavailable', 'the market is being loaded again', () => ({ retryAfterMs: 100 })],
}, { codes: { changed: 'precondition.failed' } });
