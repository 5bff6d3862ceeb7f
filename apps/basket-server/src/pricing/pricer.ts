import { choiceOf, scannedGoods, stepsPerUnit, type Choice, type LineChoice, type ScannedGoods } from '@aisle/contracts';
import {
  askBasket, askLines, priceBasket, priceLine, type AskingContext, type Item, type Patience, type Period, type PricedBasket,
  type RuleSet,
} from '@aisle/pricing';
import type { SampleBasket } from '@aisle/pricing/lifecycle';
import type { Market, Product } from '../catalogue/catalogue.ts';
import { BasketFailure, PricingFailure, ProductFailure } from '../basket/basket-failures.ts';
import type { BasketChanged } from '../basket/basket-event.ts';
import { emptyBasket, linesAfter, type Basket, type Line, type OrderPrice, type Revisions } from '../basket/basket.ts';
import type { Notice } from '../basket/notice.ts';
import type { PriceReport } from './price-report.ts';
import { basketTaxes, requireRates, taxOnTop, type TaxingDay } from './basket-taxes.ts';
import { shopTime } from './shop-time.ts';

/** The rules, the market and the instant that a pricer uses. */
export interface PricerOptions {
  readonly rules: RuleSet;
  readonly market: Market;
  /** The instant of the prices. */
  readonly nowMs: number;
  /** The patience with slow scripts; `keystroke` by default. */
  readonly patience?: Patience | undefined;
  readonly report?: PriceReport | undefined;
}

/** The prices for one command: one rule set, one catalogue and one instant. */
export class Pricer {
  readonly revisions: Revisions;
  private readonly context: AskingContext;
  /** The basket that was priced beforehand because a script had to be asked. */
  private prepared: PricedBasket | undefined;

  constructor(private readonly options: PricerOptions) {
    const { rules, market: { id, currency, rounding, revision, terms }, nowMs, patience } = options;
    this.revisions = { catalogue: revision, rules: rules.revision };
    this.context = { ...shopTime(terms, nowMs), market: id, currency, rounding, patience };
  }

  get market(): Market {
    return this.options.market;
  }

  get nowMs(): number {
    return this.options.nowMs;
  }

  /** Whether a script may have to be asked. Then `prepare` must precede `change`, `order` and `quote`. */
  get asks(): boolean {
    return this.options.rules.asks;
  }

  /** The same prices, not before `instantMs`: time never goes back for a basket. */
  notBefore(instantMs: number): Pricer {
    return instantMs <= this.nowMs ? this : new Pricer({ ...this.options, nowMs: instantMs });
  }

  /**
   * Throws `ProductFailure.unknown` if the product is not sold, unless `held` has at least `quantity` units. Lines of a product
   * that is no longer sold stay in a basket at their last price.
   */
  requireSold(sku: string, quantity: number, held: Line | undefined): void {
    if (!this.sells(sku) && !(held && quantity <= held.quantity)) throw ProductFailure.unknown(this.market.id, sku);
  }

  sells(sku: string): boolean {
    return this.sold(sku) !== undefined;
  }

  stepsPerUnit(sku: string): number {
    return stepsPerUnit(this.sold(sku)?.unit);
  }

  /** The product of a scanned code, and the quantity in it. Throws the failures of `scannedGoods`. */
  scanned(code: string): ScannedGoods<Product> {
    const { codes, terms: { labels } } = this.market;
    return scannedGoods(code, { labels, today: this.today, productOf: (key) => this.sold(codes.get(key) ?? '') });
  }

  /**
   * Prices one product with its choice; returns a promise only if a script has to be asked. `held` is the basket's present
   * line of the product. Throws `ProductFailure.unknown`.
   */
  line(sku: string, choice: LineChoice, held?: Line): Line | Promise<Line> {
    const { quantity } = choice;
    this.requireSold(sku, quantity, held);
    const sold = this.sold(sku);
    const { name, category, taxCategory, unitPriceMinor, unit } = sold ?? held!;
    const item = { sku, quantity, unitPriceMinor, unit, category, taxCategory };
    const beside = { ...choiceOf(choice), name, unit, ...(sold ? {} : { unavailable: true as const }) };
    const { rules } = this.options;
    if (!rules.asks) return { ...priceLine(rules, item, this.context), ...beside };
    return askLines(rules, [item], this.context).then(([line]) => ({ ...line!, ...beside }));
  }

  /** A made-up basket for a simulation. Throws `ProductFailure.unknown`. */
  sample(choices: ReadonlyMap<string, Pick<Choice, 'quantity'>>): SampleBasket {
    const items = [...choices].map(([sku, { quantity }]): Item => {
      this.requireSold(sku, quantity, undefined);
      const { category, taxCategory, unitPriceMinor, unit } = this.sold(sku)!;
      return { sku, quantity, unitPriceMinor, unit, category, taxCategory };
    });
    return { items, coupons: [], context: this.context };
  }

  /**
   * The choices by SKU that must be priced for a change to `choices`. They include degraded lines, and all lines if the
   * basket's prices are no longer in force. A quantity of 0 removes a line. Throws `PricingFailure.behind`.
   */
  wanted(basket: Basket, choices: ReadonlyMap<string, Choice>): ReadonlyMap<string, Choice> {
    if (this.isBehind(basket)) throw PricingFailure.behind();
    if (this.supersedes(basket)) return new Map([...choicesOf(basket), ...choices]);
    if (!basket.degraded) return choices;
    return new Map([...choicesOf(basket, ({ degraded }) => degraded), ...choices]);
  }

  /** Whether the basket has older prices than these, or prices of a period that has ended. */
  supersedes(basket: Basket): boolean {
    const { version, revisions, pricedAtMs } = basket;
    if (version === 0 || this.isBehind(basket)) return false;
    const { catalogue, rules } = this.revisions;
    return catalogue > revisions.catalogue || rules > revisions.rules || pricedAtMs < this.period.sinceMs;
  }

  /** The period around the instant in which prices depend on rules and catalogue alone, and not on the time. */
  get period(): Period {
    return this.options.rules.periodOf(this.context);
  }

  /** Prices the whole basket beforehand if scripts are needed, so that `change` is synchronous. */
  async prepare(
    basket: Basket,
    wanted: ReadonlyMap<string, Choice>,
    lines: readonly Line[],
  ): Promise<void> {
    if (this.asks) this.prepared = await this.basketOf([...linesAfter(basket, wanted, lines).values()]);
  }

  /** The price of these lines as a basket. */
  basketOf(lines: readonly Line[]): PricedBasket | Promise<PricedBasket> {
    const { rules } = this.options;
    return rules.asks ? askBasket(rules, lines, [], this.context) : priceBasket(rules, lines, [], this.context);
  }

  /** The event that changes a basket to `wanted`; `lines` are its priced lines. Throws `BasketFailure.planOutdated`. */
  change(
    basket: Basket,
    wanted: ReadonlyMap<string, Choice>,
    lines: readonly Line[],
    notices: readonly Notice[] = [],
  ): BasketChanged {
    const afterBySku = linesAfter(basket, wanted, lines);
    const after = [...afterBySku.values()];
    const price = this.total(after);
    this.options.report?.priced(lines, price);
    const { taxing } = this;
    // Lines that only stay may be from before the market had taxes.
    if (taxing) requireRates(lines.filter(({ sku, quantity }) => quantity > (basket.lines.get(sku)?.quantity ?? 0)), taxing);
    const taxes = taxing && basketTaxes(after, price, taxing);
    return {
      type: 'changed',
      lines,
      removed: [...wanted.keys()].filter((sku) => basket.lines.has(sku) && !afterBySku.has(sku)),
      adjustments: price.adjustments,
      skipped: price.skipped,
      totalMinor: price.totalMinor + taxOnTop(taxes),
      taxes,
      degraded: price.degraded,
      revisions: this.revisions,
      notices,
      atMs: this.nowMs,
    };
  }

  /**
   * All lines of a basket for an order, with each line's share of the basket's adjustments. Throws
   * `BasketFailure.planOutdated`.
   */
  order(basket: Basket, wanted: ReadonlyMap<string, Choice>, priced: readonly Line[]) {
    const lines = [...linesAfter(basket, wanted, priced).values()];
    if (this.taxing) requireRates(lines, this.taxing);
    const change: BasketChanged = { ...this.change(basket, wanted, priced), lines, notices: [] };
    return { change, sharesMinor: sharesOf(this.total(lines)) };
  }

  /** The order price of a list of lines that belongs to no basket. */
  async priced(lines: readonly Line[]): Promise<OrderPrice> {
    const price = await this.basketOf(lines);
    const { adjustments, degraded } = price;
    if (this.taxing) requireRates(lines, this.taxing);
    const taxes = this.taxing && basketTaxes(lines, price, this.taxing);
    const totalMinor = price.totalMinor + taxOnTop(taxes);
    return {
      lines, adjustments, totalMinor, taxes, degraded, sharesMinor: sharesOf(price), rules: this.revisions.rules, atMs: this.nowMs,
    };
  }

  /** The event that would fill an empty basket with these lines. Throws `BasketFailure.planOutdated`. */
  quote(wanted: ReadonlyMap<string, Choice>, lines: readonly Line[]): BasketChanged {
    return this.change(emptyBasket, wanted, lines);
  }

  /** Whether a basket was priced by rules or a catalogue that this server has not read yet. */
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

  /** The market's taxes on its business day; undefined in a market without taxes. */
  private get taxing(): TaxingDay | undefined {
    const { rounding, terms: { tax } } = this.market;
    return tax && { tax, rounding, today: this.today };
  }

  /** The business day of the prices. */
  get today(): string {
    return this.context.now.slice(0, 10);
  }

  private sold(sku: string): Product | undefined {
    return this.market.products.get(sku);
  }
}

function choicesOf({ lines }: Basket, isMeant: (line: Line) => boolean = () => true): ReadonlyMap<string, Choice> {
  return new Map([...lines.values()].filter(isMeant).map((line) => [line.sku, choiceOf(line)]));
}

/** Each line's share of the adjustments of the whole basket. */
function sharesOf({ lines, adjustments }: PricedBasket): number[] {
  return lines.map((_, at) => adjustments.reduce((sum, { sharesMinor }) => sum + (sharesMinor[at] ?? 0), 0));
}
