import type { PriceOrder, PricedOrder, PricedProduct } from '@aisle/contracts';
import type { RuleSet } from '@aisle/pricing';
import { PersistentMap, assert, type Runtime } from '@aisle/std';
import { choicesAfter, emptyBasket, type OrderPrice } from '../basket/basket.ts';
import type { Market, Product } from '../catalogue/catalogue.ts';
import { pacedLines } from '../pricing/paced-lines.ts';
import { Pricer } from '../pricing/pricer.ts';
import type { Prices } from '../pricing/prices.ts';
import { orderView } from './order-view.ts';

/** Where the rules of an earlier revision come from. */
export interface PastRules {
  at(revision: number): Promise<{ ruleSetFor(canaryKey: string | undefined): RuleSet }>;
}

/** Prices orders: those that are placed without a basket, and what is delivered of an order, by its own prices and rules. */
export class OrderPrices {
  constructor(private readonly options: { readonly prices: Prices; readonly rules: PastRules; readonly runtime: Runtime }) {}

  /**
   * Baskets are served between the lines of a large order. Throws `ProductFailure.unknown`, or a basket's own failures where
   * it has no room.
   */
  async price(place: { tenant: string; market: string }, { lines, canaryKey, asOf }: PriceOrder): Promise<PricedOrder> {
    const present = this.options.prices.at(place, canaryKey, 'checkout');
    const pricer = asOf ? await this.pricerAsOf(present.market, asOf) : present;
    const wanted = choicesAfter(emptyBasket, lines.map((line) => ({ op: 'add', ...line })));
    const priced = await pacedLines(pricer, wanted, this.options.runtime);
    const price = await pricer.priced(priced);
    return { ...orderView(price, pricer.market.currency), pricing: asOf?.pricing ?? pricingOf(price, pricer.market, canaryKey) };
  }

  private async pricerAsOf(market: Market, { pricing, products }: NonNullable<PriceOrder['asOf']>): Promise<Pricer> {
    const nowMs = Date.parse(pricing.at);
    assert(Number.isFinite(nowMs), 'an order has the instant of its prices');
    const rules = (await this.options.rules.at(pricing.rules)).ruleSetFor(pricing.canaryKey);
    const shelf: Market = { ...market, rounding: pricing.rounding ?? 'half-up', products: shelfOf(products) };
    return new Pricer({ rules, market: shelf, nowMs, patience: 'checkout' });
  }
}

function shelfOf(products: readonly PricedProduct[]): PersistentMap<Product> {
  return products.reduce((shelf, product) => shelf.set(product.sku, product), PersistentMap.empty<Product>());
}

function pricingOf({ atMs, rules }: OrderPrice, { rounding }: Market, canaryKey: string | undefined): PricedOrder['pricing'] {
  return { at: new Date(atMs).toISOString(), rules, rounding, ...(canaryKey === undefined ? {} : { canaryKey }) };
}
