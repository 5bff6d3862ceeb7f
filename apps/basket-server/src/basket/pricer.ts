import type { Clock } from '@aisle/std';
import { priceBasket, priceLine, type PricingContext, type RuleSet } from '@aisle/pricing';
import type { Catalogue, Market } from '../catalogue/catalogue.ts';
import { MarketUnknown, ProductUnknown } from './basket-failures.ts';
import { linesAfter, type Basket, type BasketChanged, type Line, type Revisions } from './basket.ts';

/** The prices in force while one command runs: it sees one rule set and one catalogue. */
export class Pricer {
  readonly revisions: Revisions;
  private readonly context: PricingContext;
  private readonly nowMs: number;

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

  /** One product with its whole quantity. Throws `ProductUnknown`. */
  line(sku: string, quantity: number): Line {
    const product = this.market.products.get(sku);
    if (!product) throw new ProductUnknown(this.market.id, sku);
    const { name, category, unitPriceMinor } = product;
    const item = { sku, quantity, unitPriceMinor, category };
    return { ...priceLine(this.rules, item, this.context), name };
  }

  /**
   * The event that takes a basket to `targets`. Only what they name is priced, unless prices are
   * newer than the basket's: then every line is.
   */
  change(basket: Basket, targets: ReadonlyMap<string, number>): BasketChanged {
    const wanted = new Map(this.isNewerThan(basket) ? quantities(basket) : []);
    for (const [sku, quantity] of targets) wanted.set(sku, quantity);
    const removed = [...wanted].filter(([, quantity]) => quantity === 0).map(([sku]) => sku);
    const lines = [...wanted]
      .filter(([, quantity]) => quantity > 0)
      .map(([sku, quantity]) => this.line(sku, quantity));

    const { adjustments, skipped, totalMinor } = priceBasket(
      this.rules,
      [...linesAfter(basket, targets, lines).values()],
      [],
      this.context,
    );
    return {
      type: 'changed',
      lines,
      removed: removed.filter((sku) => basket.lines.has(sku)),
      adjustments,
      skipped,
      totalMinor,
      revisions: this.revisions,
      atMs: this.nowMs,
    };
  }

  private isNewerThan({ version, revisions }: Basket): boolean {
    const { catalogue, rules } = this.revisions;
    return version > 0 && (catalogue > revisions.catalogue || rules > revisions.rules);
  }
}

function quantities(basket: Basket): [string, number][] {
  return [...basket.lines.values()].map(({ sku, quantity }) => [sku, quantity]);
}
