import {
  askBasket, askLines, priceBasket, priceLine, type AskingContext, type Item, type Patience, type Period, type PricedBasket,
  type RuleSet,
} from '@aisle/pricing';
import type { SampleBasket } from '@aisle/pricing/lifecycle';
import type { Market, Product } from '../catalogue/catalogue.ts';
import { BasketFailure, PricingFailure, ProductFailure } from '../basket/basket-failures.ts';
import type { BasketChanged } from '../basket/basket-event.ts';
import {
  choiceOf, emptyBasket, linesAfter, type Basket, type Choice, type Line, type OrderPrice, type Revisions,
} from '../basket/basket.ts';
import type { Notice } from '../basket/notice.ts';
import type { PriceReport } from './price-report.ts';

/** The rules, the market and the instant that a pricer uses. */
export interface PricerOptions {
  readonly rules: RuleSet;
  readonly market: Market;
  /** The instant of the prices. */
  readonly nowMs: number;
  /** How long a script that is slow is waited for; `keystroke` unless given. */
  readonly patience?: Patience | undefined;
  readonly report?: PriceReport | undefined;
}

/** The prices in force while one command runs: it sees one rule set, one catalogue and one instant. */
export class Pricer {
  readonly revisions: Revisions;
  private readonly context: AskingContext;
  /** A basket that was priced beforehand, because a script had to be asked. */
  private prepared: PricedBasket | undefined;

  constructor(private readonly options: PricerOptions) {
    const { rules, market: { id, currency, rounding, revision }, nowMs, patience } = options;
    this.revisions = { catalogue: revision, rules: rules.revision };
    this.context = { now: new Date(nowMs).toISOString(), market: id, currency, rounding, patience };
  }

  get market(): Market {
    return this.options.market;
  }

  get nowMs(): number {
    return this.options.nowMs;
  }

  /** Whether a script may have to be asked, and so a basket be prepared. */
  get asks(): boolean {
    return this.options.rules.asks;
  }

  /** The same prices at a later instant, if `instantMs` is one: time never goes back for a basket. */
  notBefore(instantMs: number): Pricer {
    return instantMs <= this.nowMs ? this : new Pricer({ ...this.options, nowMs: instantMs });
  }

  /**
   * Throws `ProductFailure.unknown`, unless it is a product that `held` has as many units of: what was sold when it came into
   * the basket stays there at its last price.
   */
  requireSold(sku: string, quantity: number, held: Line | undefined): void {
    if (!this.sells(sku) && !(held && quantity <= held.quantity)) throw ProductFailure.unknown(this.market.id, sku);
  }

  sells(sku: string): boolean {
    return this.sold(sku) !== undefined;
  }

  /**
   * One product with all that is chosen of it: at once, unless a script has to be asked. `held` is the basket's line of it.
   * Throws `ProductFailure.unknown`.
   */
  line(sku: string, choice: Choice, held?: Line): Line | Promise<Line> {
    const { quantity } = choice;
    this.requireSold(sku, quantity, held);
    const sold = this.sold(sku);
    const { name, category, unitPriceMinor } = sold ?? held!;
    const item = { sku, quantity, unitPriceMinor, category };
    const beside = { ...choiceOf(choice), name, ...(sold ? {} : { unavailable: true as const }) };
    const { rules } = this.options;
    if (!rules.asks) return { ...priceLine(rules, item, this.context), ...beside };
    return askLines(rules, [item], this.context).then(([line]) => ({ ...line!, ...beside }));
  }

  /** A basket that nobody has, for a simulation. Throws `ProductFailure.unknown`. */
  sample(choices: ReadonlyMap<string, Choice>): SampleBasket {
    const items = [...choices].map(([sku, { quantity }]): Item => {
      this.requireSold(sku, quantity, undefined);
      const { category, unitPriceMinor } = this.sold(sku)!;
      return { sku, quantity, unitPriceMinor, category };
    });
    return { items, coupons: [], context: this.context };
  }

  /**
   * What has to be priced for `choices`: what they name, what a strategy failed on and, when the basket's prices are
   * no longer in force, every other line too. By SKU; a quantity of 0 takes a line away.
   */
  wanted(basket: Basket, choices: ReadonlyMap<string, Choice>): ReadonlyMap<string, Choice> {
    if (this.isBehind(basket)) throw PricingFailure.behind();
    if (this.supersedes(basket)) return new Map([...choicesOf(basket), ...choices]);
    if (!basket.degraded) return choices;
    return new Map([...choicesOf(basket, ({ degraded }) => degraded), ...choices]);
  }

  /** Whether a basket stands under other prices than these: older ones, or those of a time that is over. */
  supersedes(basket: Basket): boolean {
    const { version, revisions, pricedAtMs } = basket;
    if (version === 0 || this.isBehind(basket)) return false;
    const { catalogue, rules } = this.revisions;
    return catalogue > revisions.catalogue || rules > revisions.rules || pricedAtMs < this.period.sinceMs;
  }

  /** The time around now in which nothing but other rules or products changes a price. */
  get period(): Period {
    return this.options.rules.periodOf(this.context);
  }

  /** Asks the scripts what `change` will have to know of the whole basket: deciding asks nobody. */
  async prepare(
    basket: Basket,
    wanted: ReadonlyMap<string, Choice>,
    lines: readonly Line[],
  ): Promise<void> {
    if (this.asks) this.prepared = await this.basketOf([...linesAfter(basket, wanted, lines).values()]);
  }

  /** What these lines come to together. */
  basketOf(lines: readonly Line[]): PricedBasket | Promise<PricedBasket> {
    const { rules } = this.options;
    return rules.asks ? askBasket(rules, lines, [], this.context) : priceBasket(rules, lines, [], this.context);
  }

  /** The event that takes a basket to `wanted`, of which `lines` are the priced ones. Throws `BasketFailure.planOutdated`. */
  change(
    basket: Basket,
    wanted: ReadonlyMap<string, Choice>,
    lines: readonly Line[],
    notices: readonly Notice[] = [],
  ): BasketChanged {
    const afterBySku = linesAfter(basket, wanted, lines);
    const price = this.total([...afterBySku.values()]);
    this.options.report?.priced(lines, price);
    return {
      type: 'changed',
      lines,
      removed: [...wanted.keys()].filter((sku) => basket.lines.has(sku) && !afterBySku.has(sku)),
      adjustments: price.adjustments,
      skipped: price.skipped,
      totalMinor: price.totalMinor,
      degraded: price.degraded,
      revisions: this.revisions,
      notices,
      atMs: this.nowMs,
    };
  }

  /** All lines of a basket as they are to be ordered, with what falls on each of them. Throws `BasketFailure.planOutdated`. */
  order(basket: Basket, wanted: ReadonlyMap<string, Choice>, priced: readonly Line[]) {
    const lines = [...linesAfter(basket, wanted, priced).values()];
    const change: BasketChanged = { ...this.change(basket, wanted, priced), lines, notices: [] };
    return { change, sharesMinor: sharesOf(this.total(lines)) };
  }

  /** The lines of a list that nobody keeps, each and in all. */
  async priced(lines: readonly Line[]): Promise<OrderPrice> {
    const price = await this.basketOf(lines);
    const { adjustments, totalMinor, degraded } = price;
    return {
      lines, adjustments, totalMinor, degraded, sharesMinor: sharesOf(price), rules: this.revisions.rules, atMs: this.nowMs,
    };
  }

  /** The event that makes a list of a basket that nobody has. Throws `BasketFailure.planOutdated`. */
  quote(wanted: ReadonlyMap<string, Choice>, lines: readonly Line[]): BasketChanged {
    return this.change(emptyBasket, wanted, lines);
  }

  /** Whether a basket was priced by something that this server has yet to hear of. */
  isBehind({ revisions }: Basket): boolean {
    const { catalogue, rules } = this.revisions;
    return revisions.rules > rules || revisions.catalogue > catalogue;
  }

  private total(lines: readonly Line[]): PricedBasket {
    const { options: { rules }, prepared, context } = this;
    if (!rules.asks) return priceBasket(rules, lines, [], context);
    const isPrepared = prepared?.lines.length === lines.length
      && prepared.lines.every((line, at) => line === lines[at]);
    if (!isPrepared) throw BasketFailure.planOutdated();
    return prepared;
  }

  private sold(sku: string): Product | undefined {
    return this.market.products.get(sku);
  }
}

function choicesOf({ lines }: Basket, isMeant: (line: Line) => boolean = () => true): ReadonlyMap<string, Choice> {
  return new Map([...lines.values()].filter(isMeant).map((line) => [line.sku, choiceOf(line)]));
}

/** By line, what the adjustments of the whole come to on it. */
function sharesOf({ lines, adjustments }: PricedBasket): number[] {
  return lines.map((_, at) => adjustments.reduce((sum, { sharesMinor }) => sum + (sharesMinor[at] ?? 0), 0));
}
