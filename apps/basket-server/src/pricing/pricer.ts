import type { Clock } from '@aisle/std';
import {
  askBasket, askLines, priceBasket, priceLine, type Item, type PricedBasket, type PricingContext, type RuleSet,
} from '@aisle/pricing';
import type { SampleBasket } from '@aisle/pricing/lifecycle';
import type { Catalogue, Market, Product } from '../catalogue/catalogue.ts';
import { MarketUnknown, PlanOutdated, PricesBehind, ProductUnknown } from '../basket/basket-failures.ts';
import {
  emptyBasket, linesAfter, type Basket, type BasketChanged, type Line, type Revisions,
} from '../basket/basket.ts';
import type { PriceReport } from './price-report.ts';
import { noticesOf, withEarlier } from './price-notices.ts';

/** The prices in force while one command runs: it sees one rule set and one catalogue. */
export class Pricer {
  readonly revisions: Revisions;
  private readonly context: PricingContext;
  /** When the command began: what it changes is of this time. */
  readonly nowMs: number;
  /** A basket that was priced beforehand, because a script had to be asked. */
  private prepared: PricedBasket | undefined;

  private constructor(
    private readonly rules: RuleSet,
    readonly market: Market,
    clock: Clock,
    private readonly basketId: string,
    private readonly report: PriceReport | undefined,
  ) {
    this.revisions = { catalogue: market.revision, rules: rules.revision };
    this.nowMs = clock.nowMs();
    this.context = {
      now: new Date(this.nowMs).toISOString(),
      market: market.id,
      currency: market.currency,
    };
  }

  /** Whether a script may have to be asked, and so a basket be prepared. */
  get asks(): boolean {
    return this.rules.asks;
  }

  /** Throws `MarketUnknown`. */
  static at(
    place: { tenant: string; market: string; actor: string },
    prices: { rules: RuleSet; catalogue: Catalogue; report: PriceReport | undefined },
    clock: Clock,
  ): Pricer {
    const market = prices.catalogue.market(place.tenant, place.market);
    if (!market) throw new MarketUnknown(place.market);
    return new Pricer(prices.rules, market, clock, place.actor, prices.report);
  }

  /**
   * Throws `ProductUnknown`, unless it is a product that `held` has as many units of: what was sold when it came into
   * the basket stays there at its last price.
   */
  requireSold(sku: string, quantity: number, held: Line | undefined): void {
    if (!this.sold(sku) && !(held && quantity <= held.quantity)) throw new ProductUnknown(this.market.id, sku);
  }

  /**
   * One product with its whole quantity: at once, unless a script has to be asked. `held` is the basket's line of it.
   * Throws `ProductUnknown`.
   */
  line(sku: string, quantity: number, held?: Line): Line | Promise<Line> {
    this.requireSold(sku, quantity, held);
    const sold = this.sold(sku);
    const { name, category, unitPriceMinor } = sold ?? held!;
    const item = { sku, quantity, unitPriceMinor, category };
    const beside = sold ? { name } : { name, unavailable: true as const };
    if (!this.rules.asks) return { ...priceLine(this.rules, item, this.context), ...beside };
    return askLines(this.rules, [item], this.context).then(([line]) => ({ ...line!, ...beside }));
  }

  /** A basket that nobody has, for a simulation. Throws `ProductUnknown`. */
  sample(quantities: ReadonlyMap<string, number>): SampleBasket {
    const items = [...quantities].map(([sku, quantity]): Item => {
      this.requireSold(sku, quantity, undefined);
      const { category, unitPriceMinor } = this.sold(sku)!;
      return { sku, quantity, unitPriceMinor, category };
    });
    return { items, coupons: [], context: this.context };
  }

  /**
   * What has to be priced for `targets`: what they name, what a strategy failed on and, when prices are
   * newer than the basket's, every other line too. Quantities by SKU; 0 takes a line away.
   */
  wanted(basket: Basket, targets: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
    const { catalogue, rules } = this.revisions;
    if (basket.revisions.rules > rules || basket.revisions.catalogue > catalogue) throw new PricesBehind();
    if (this.isNewerThan(basket)) return new Map([...quantitiesOf(basket), ...targets]);
    if (!basket.degraded) return targets;
    return new Map([...quantitiesOf(basket, ({ degraded }) => degraded), ...targets]);
  }

  /** Whether a basket that somebody has stands under older prices than these. */
  isNewerThan({ version, revisions }: Basket): boolean {
    const { catalogue, rules } = this.revisions;
    return version > 0 && (catalogue > revisions.catalogue || rules > revisions.rules);
  }

  /** The basket as it would be under these prices, for whoever looks at it: no event says so, and no shadow is told. */
  async shown(basket: Basket): Promise<Basket> {
    const wanted = quantitiesOf(basket);
    const lines = await Promise.all(
      [...wanted].map(async ([sku, quantity]) => this.line(sku, quantity, basket.lines.get(sku))),
    );
    await this.prepare(basket, wanted, lines);
    const { changed: { adjustments, skipped, totalMinor, degraded, notices }, after } = this.priced(basket, wanted, lines);
    const afterBySku = new Map(after.map((line) => [line.sku, line]));
    return {
      ...basket, lines: afterBySku, adjustments, skipped, totalMinor, degraded, notices: withEarlier(basket.notices, notices),
    };
  }

  /** Asks the scripts what `change` will have to know of the whole basket: deciding asks nobody. */
  async prepare(
    basket: Basket,
    wanted: ReadonlyMap<string, number>,
    lines: readonly Line[],
  ): Promise<void> {
    if (!this.rules.asks) return;
    const after = [...linesAfter(basket, wanted, lines).values()];
    this.prepared = await askBasket(this.rules, after, [], this.context);
  }

  /** The event that takes a basket to `wanted`, of which `lines` are the priced ones. Throws `PlanOutdated`. */
  change(
    basket: Basket,
    wanted: ReadonlyMap<string, number>,
    lines: readonly Line[],
  ): BasketChanged {
    const { changed, after } = this.priced(basket, wanted, lines);
    const { basketId, context } = this;
    this.report?.charged({ basketId, sample: { items: after, coupons: [], context } });
    return changed;
  }

  /** The same for a basket that nobody has: no shadow looks at it. Throws `PlanOutdated`. */
  quote(wanted: ReadonlyMap<string, number>, lines: readonly Line[]): BasketChanged {
    return this.priced(emptyBasket, wanted, lines).changed;
  }

  private priced(
    basket: Basket,
    wanted: ReadonlyMap<string, number>,
    lines: readonly Line[],
  ): { changed: BasketChanged; after: readonly Line[] } {
    const afterBySku = linesAfter(basket, wanted, lines);
    const after = [...afterBySku.values()];
    const price = this.total(after);
    const removed = [...wanted.keys()].filter((sku) => basket.lines.has(sku) && !afterBySku.has(sku));
    this.report?.priced(lines, price);
    const changed: BasketChanged = {
      type: 'changed',
      lines,
      removed,
      adjustments: price.adjustments,
      skipped: price.skipped,
      totalMinor: price.totalMinor,
      degraded: price.degraded,
      revisions: this.revisions,
      notices: noticesOf(basket, lines),
      atMs: this.nowMs,
    };
    return { changed, after };
  }

  private total(lines: readonly Line[]): PricedBasket {
    const { rules, prepared, context } = this;
    if (!rules.asks) return priceBasket(rules, lines, [], context);
    const isPrepared = prepared?.lines.length === lines.length
      && prepared.lines.every((line, at) => line === lines[at]);
    if (!isPrepared) throw new PlanOutdated();
    return prepared;
  }

  private sold(sku: string): Product | undefined {
    return this.market.products.get(sku);
  }
}

function quantitiesOf({ lines }: Basket, isMeant: (line: Line) => boolean = () => true): ReadonlyMap<string, number> {
  return new Map([...lines.values()].filter(isMeant).map(({ sku, quantity }) => [sku, quantity]));
}
