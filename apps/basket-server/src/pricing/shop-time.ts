import type { MarketTerms } from '@aisle/contracts';
import type { PricingContext } from '@aisle/pricing';
import { ShopZone } from '@aisle/std/shop-time';

/** An instant on the clock of a market: with its offset, and the business day around it. A market without a zone has UTC. */
export function shopTime({ timeZone }: Pick<MarketTerms, 'timeZone'>, nowMs: number): Pick<PricingContext, 'now' | 'day'> {
  if (timeZone === undefined) return { now: new Date(nowMs).toISOString(), day: undefined };
  const zone = ShopZone.of(timeZone);
  return { now: zone.isoAt(nowMs), day: zone.dayAt(nowMs) };
}
