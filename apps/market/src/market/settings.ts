import { marketTermChanges, type Market, type MarketTerms } from '@aisle/contracts';
import { ShopZone } from '@aisle/std/shop-time';

/** The settings of a whole market. */
export interface Settings {
  /** ISO 4217; fixed once the market has products. */
  readonly currency: string;
  readonly rounding: Market['rounding'];
  /** The number of available units at which a product is low. */
  readonly lowStock: number;
  /** The number of days before its expiry at which a lot is near expiry. */
  readonly nearExpiryDays: number;
  /** The terms of retail, such as its time zone; absent if it has none. */
  readonly terms?: MarketTerms;
  readonly version: number;
}

/** The names of all terms that a market may have. */
export const TERM_NAMES = Object.keys(marketTermChanges) as (keyof MarketTerms)[];

/** The business day of a market at an instant: the date of its own clock, or of UTC. `utcDay` is the date of UTC. */
export function businessDay(settings: Pick<Settings, 'terms'> | undefined, nowMs: number, utcDay: string): string {
  const timeZone = settings?.terms?.timeZone;
  return timeZone === undefined ? utcDay : ShopZone.of(timeZone).dayAt(nowMs).date;
}
