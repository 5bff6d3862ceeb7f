import { allocate, sum } from '../money.ts';
import { atOnce, settle } from './asking.ts';
import { basketLineInput, lineInput } from './line.ts';
import { runPhase } from './phase.ts';
import { coversItem } from './scope.ts';
import type { AskingContext, BasketInput, LineInput, PricingContext } from '../strategy.ts';
import type { Asking } from './asking.ts';
import type { Target, View } from './phase.ts';
import type {
  AppliedAdjustment, BasketAdjustment, PricedBasket, PricedLine,
} from './priced.ts';
import type { RuleSet } from './rule-set.ts';
import type { Candidate } from './selection.ts';

/**
 * Totals priced lines, one per SKU, and applies the basket strategies to their nets. A strategy gets the lines in its
 * scope ordered by SKU, so the order of the lines never changes a price. An empty basket costs nothing. Throws
 * `pricing.input` for a malformed context, `money.too-large` if a sum is not a safe integer, and `pricing.not-answered`
 * if a script has to be asked.
 */
export function priceBasket(
  rules: RuleSet,
  lines: readonly PricedLine[],
  coupons: readonly string[],
  context: PricingContext,
): PricedBasket {
  return atOnce(basketAsking(rules, lines, coupons, context));
}

/** Like `priceBasket`, for rules that may be scripts. */
export async function askBasket(
  rules: RuleSet,
  lines: readonly PricedLine[],
  coupons: readonly string[],
  context: AskingContext,
): Promise<PricedBasket> {
  const asking = basketAsking(rules, lines, coupons, context);
  const [basket] = await settle([asking], context.patience);
  return basket as PricedBasket;
}

function* basketAsking(
  rules: RuleSet,
  lines: readonly PricedLine[],
  coupons: readonly string[],
  context: PricingContext,
): Asking<PricedBasket> {
  const { basketSteps } = rules.select(context);
  const grossMinor = sum(lines.map((line) => line.grossMinor), 'total');
  const netMinor = sum(lines.map((line) => line.netMinor), 'total');
  const degraded = lines.some((line) => line.degraded);
  if (basketSteps.length === 0 || lines.length === 0) {
    return { lines, adjustments: [], skipped: [], grossMinor, totalMinor: netMinor, degraded };
  }

  const target = new BasketTarget(lines, coupons);
  const phase = yield* runPhase(basketSteps, target);
  return {
    lines,
    adjustments: target.adjustments,
    skipped: phase.skipped,
    grossMinor,
    totalMinor: target.totalMinor(),
    degraded: degraded || phase.degraded,
  };
}

const listed = new WeakMap<readonly LineInput[], readonly LineInput[]>();

/** The lines of a basket as they were before strategies changed their nets. All other fields are equal. */
export function linesBefore({ lines }: BasketInput): readonly LineInput[] {
  return listed.get(lines) ?? lines;
}

/** These lines, at these nets. */
function linesAt(before: readonly LineInput[], netsMinor: readonly number[]): readonly LineInput[] {
  const lines = Object.freeze(before.map((line, index) => {
    const netMinor = netsMinor[index] as number;
    return netMinor === line.netMinor ? line : lineInput(line, netMinor);
  }));
  listed.set(lines, before);
  return lines;
}

interface BasketView extends View {
  /** The indices of the input's lines in canonical order. */
  readonly covered: readonly number[];
}

/** Works in canonical order, by SKU, and returns shares in the caller's order. */
class BasketTarget implements Target<BasketView> {
  readonly adjustments: BasketAdjustment[] = [];
  private readonly coupons: readonly string[];
  /** Index in canonical order -> index in the caller's order. */
  private readonly places: readonly number[];
  private readonly lines: readonly PricedLine[];
  private readonly before: readonly LineInput[];
  /** The nets of the lines. Never changed in place, since a view may still show them. */
  private netsMinor: readonly number[];

  constructor(lines: readonly PricedLine[], coupons: readonly string[]) {
    this.coupons = Object.freeze([...coupons]);
    this.places = placesBySku(lines);
    this.lines = this.places.map((place) => lines[place] as PricedLine);
    this.before = this.lines.map(basketLineInput);
    this.netsMinor = this.before.map(({ netMinor }) => netMinor);
  }

  view({ scope }: Candidate): BasketView | undefined {
    const covered: number[] = [];
    let grossMinor = 0;
    let netMinor = 0;
    this.lines.forEach((line, index) => {
      if (!coversItem(scope, line)) return;
      covered.push(index);
      grossMinor += line.grossMinor;
      netMinor += this.netsMinor[index] as number;
    });
    if (covered.length === 0) return undefined;
    return { input: this.inputOf(covered, grossMinor, netMinor), covered };
  }

  // Most strategies read only the sums, so lines are laid out on demand.
  private inputOf(covered: readonly number[], grossMinor: number, netMinor: number): BasketInput {
    const { before, netsMinor, coupons } = this;
    let lines: readonly LineInput[] | undefined;
    return Object.freeze({
      get lines() {
        lines ??= covered.length === before.length
          ? linesAt(before, netsMinor)
          : linesAt(picked(before, covered), picked(netsMinor, covered));
        return lines;
      },
      grossMinor, netMinor, coupons,
    });
  }

  apply({ covered }: BasketView, adjustments: readonly AppliedAdjustment[]): void {
    // Surcharges go first. An answer is clamped as a whole, so only then do the lines always cover its discounts.
    const raises = adjustments.filter(({ amountMinor }) => amountMinor > 0);
    const reductions = adjustments.filter(({ amountMinor }) => amountMinor <= 0);
    for (const adjustment of [...raises, ...reductions]) {
      const sharesMinor = new Array<number>(this.lines.length).fill(0);
      const netsMinor = [...this.netsMinor];
      allocate(adjustment.amountMinor, this.weights(covered)).forEach((shareMinor, at) => {
        const index = covered[at] as number;
        sharesMinor[this.places[index] as number] = shareMinor;
        netsMinor[index] = (netsMinor[index] as number) + shareMinor;
      });
      this.netsMinor = netsMinor;
      this.adjustments.push({ ...adjustment, sharesMinor });
    }
  }

  /**
   * Computed from the nets, none of which is negative. Adjustments of both signs could leave the exact range and come
   * back.
   */
  totalMinor(): number {
    return sum(this.netsMinor, 'total');
  }

  // A share never exceeds its line's net. An amount up to the sum of the weights, split by largest remainder, gives no
  // weight more than itself. Only a surcharge meets lines that are all free.
  private weights(covered: readonly number[]): number[] {
    const netsMinor = picked(this.netsMinor, covered);
    if (netsMinor.some((netMinor) => netMinor > 0)) return netsMinor;
    return covered.map((index) => (this.lines[index] as PricedLine).grossMinor);
  }
}

function picked<T>(list: readonly T[], places: readonly number[]): T[] {
  return places.map((place) => list[place] as T);
}

function placesBySku(lines: readonly PricedLine[]): number[] {
  const skus = lines.map(({ sku }) => sku);
  const places = lines.map((_, place) => place);
  return places.sort((a, b) => {
    const skuA = skus[a] as string;
    const skuB = skus[b] as string;
    return skuA < skuB ? -1 : skuA > skuB ? 1 : 0;
  });
}
