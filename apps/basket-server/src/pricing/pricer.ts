import type { Clock } from '@aisle/std';
import { priceBasket, priceLine, type PricingContext, type RuleSet } from '@aisle/pricing';
import type { Catalogue, Market, Product } from '../catalogue/catalogue.ts';
import { MarketUnknown, ProductUnknown } from '../basket/basket-failures.ts';
import { linesAfter, type Basket, type BasketChanged, type Line, type Revisions } from '../basket/basket.ts';

/** The prices in force while one command runs: it sees one rule set and one catalogue. */
export class Pricer {
  readonly revisions: Revisions;
  private readonly context: PricingContext;
  /** When the command began: what it changes is of this time. */
  readonly nowMs: number;

  private constructor(
    private readonly rules: RuleSet,
    readonly market: Market,
    catalogue: Catalogue,
    clock: Clock,
  ) {
    this.revisions = { catalogue: catalogue.revision, rules: rules.revision };
    this.nowMs = clock.nowMs();
    this.context = {
      now: new Date(this.nowMs).toISOString(),
      market: market.id,
      currency: market.currency,
    };
  }

  /** Throws `MarketUnknown`. */
  static at(
    place: { tenant: string; market: string },
    prices: { rules: RuleSet; catalogue: Catalogue },
    clock: Clock,
  ): Pricer {
    const market = prices.catalogue.market(place.tenant, place.market);
    if (!market) throw new MarketUnknown(place.market);
    return new Pricer(prices.rules, market, prices.catalogue, clock);
  }

  /** Throws `ProductUnknown`. */
  product(sku: string): Product {
    const product = this.market.products.get(sku);
    if (!product) throw new ProductUnknown(this.market.id, sku);
    return product;
  }

  /** One product with its whole quantity. Throws `ProductUnknown`. */
  line(sku: string, quantity: number): Line {
    const { name, category, unitPriceMinor } = this.product(sku);
    const item = { sku, quantity, unitPriceMinor, category };
    return { ...priceLine(this.rules, item, this.context), name };
  }

  /**
   * What has to be priced for `targets`: what they name and, when prices are newer than the
   * basket's, every other line too. Quantities by SKU; 0 takes a line away.
   */
  wanted(basket: Basket, targets: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
    if (!this.isNewerThan(basket)) return targets;
    const held = [...basket.lines.values()].map(({ sku, quantity }) => [sku, quantity] as const);
    return new Map([...held, ...targets]);
  }

  /** The event that takes a basket to `wanted`, of which `lines` are the priced ones. */
  change(
    basket: Basket,
    wanted: ReadonlyMap<string, number>,
    lines: readonly Line[],
  ): BasketChanged {
    const after = linesAfter(basket, wanted, lines);
    const price = priceBasket(this.rules, [...after.values()], [], this.context);
    const removed = [...wanted.keys()].filter((sku) => basket.lines.has(sku) && !after.has(sku));
    return {
      type: 'changed',
      lines,
      removed,
      adjustments: price.adjustments,
      skipped: price.skipped,
      totalMinor: price.totalMinor,
      revisions: this.revisions,
      atMs: this.nowMs,
    };
  }

  private isNewerThan({ version, revisions }: Basket): boolean {
    const { catalogue, rules } = this.revisions;
    return version > 0 && (catalogue > revisions.catalogue || rules > revisions.rules);
  }
}
