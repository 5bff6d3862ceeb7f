import type { PriceOrder, PricedOrder, PricedProduct } from '@aisle/contracts';
import type { RuleSet } from '@aisle/pricing';
import { PersistentMap, assert, type Runtime } from '@aisle/std';
import { choicesAfter, emptyBasket, type OrderPrice } from '../basket/basket.ts';
import { named } from '../basket/named-products.ts';
import { requireUnits } from '../basket/requested-units.ts';
import type { Market, Product } from '../catalogue/catalogue.ts';
import { pacedLines } from '../pricing/paced-lines.ts';
import { Pricer } from '../pricing/pricer.ts';
import type { Prices } from '../pricing/prices.ts';
import { taxOn } from '../pricing/basket-taxes.ts';
import { shopTime } from '../pricing/shop-time.ts';
import { orderView } from './order-view.ts';

/** A source of the rules of earlier revisions. */
export interface PastRules {
  at(revision: number): Promise<{ ruleSetFor(canaryKey: string | undefined): RuleSet }>;
}

/** Prices orders without a basket, and the delivered part of an order at the order's own unit prices and rules. */
export class OrderPrices {
  constructor(private readonly options: { readonly prices: Prices; readonly rules: PastRules; readonly runtime: Runtime }) {}

  /**
   * Prices an order, and serves baskets between the slices of a large one. Throws `ProductFailure.unknown`, `BasketFailure.lineFull`, `BasketFailure.full`
   * and `MarketFailure.unknown`.
   */
  async price(market: { tenant: string; market: string }, { lines, canaryKey, asOf }: PriceOrder): Promise<PricedOrder> {
    const present = this.options.prices.at(market, canaryKey, 'checkout');
    const pricer = asOf ? await this.pricerAsOf(present.market, asOf) : present;
    const requested = lines.map((line) => named(line, pricer, 'lines'));
    requireUnits(requested.flatMap(({ sku, largest }) => (largest === undefined ? [] : [{ op: 'add', sku, quantity: largest }])), pricer, () => 'lines');
    const wanted = choicesAfter(emptyBasket, requested.map(({ sku, quantity }) => ({ op: 'add', sku, quantity })), pricer);
    const priced = await pacedLines(pricer, wanted, this.options.runtime);
    const price = await pricer.priced(priced);
    return { ...orderView(price, pricer.market.currency), pricing: asOf?.pricing ?? pricingOf(price, pricer.market, canaryKey) };
  }

  private async pricerAsOf(market: Market, { pricing, products }: NonNullable<PriceOrder['asOf']>): Promise<Pricer> {
    const nowMs = Date.parse(pricing.at);
    assert(Number.isFinite(nowMs), 'the instant of an order is a valid date');
    const rules = (await this.options.rules.at(pricing.rules)).ruleSetFor(pricing.canaryKey);
    const { rounding = 'half-up', timeZone, tax } = pricing;
    const shelf: Market = { ...market, rounding, terms: { timeZone, tax }, products: shelfOf(products) };
    return new Pricer({ rules, market: shelf, nowMs, patience: 'checkout' });
  }
}

function shelfOf(products: readonly PricedProduct[]): PersistentMap<Product> {
  return products.reduce((shelf, product) => shelf.set(product.sku, product), PersistentMap.empty<Product>());
}

export function pricingOf(
  { atMs, rules }: Pick<OrderPrice, 'atMs' | 'rules'>, { rounding, terms: { timeZone, tax } }: Market, canaryKey: string | undefined,
): PricedOrder['pricing'] {
  const zone = timeZone === undefined ? {} : { timeZone };
  const taxes = tax ? { tax: taxOn(tax, shopTime({ timeZone }, atMs).now.slice(0, 10)) } : {};
  return { at: new Date(atMs).toISOString(), rules, rounding, ...zone, ...taxes, ...(canaryKey === undefined ? {} : { canaryKey }) };
}
