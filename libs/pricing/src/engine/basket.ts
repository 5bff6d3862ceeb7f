import { AmountTooLarge } from '../failures.ts';
import { allocate } from '../money.ts';
import { lineInput } from './line.ts';
import { runPhase } from './phase.ts';
import { coversItem } from './scope.ts';
import type { BasketInput, LineInput, PricingContext } from '../strategy.ts';
import type { PricedLine } from './line.ts';
import type { AppliedAdjustment, SkippedRule, Target, View } from './phase.ts';
import type { RuleSet } from './rule-set.ts';
import type { Candidate } from './selection.ts';

/** A change of price of the whole basket, and how it falls on the lines. */
export interface BasketAdjustment extends AppliedAdjustment {
  /** One share a line, in the order of `lines`; they sum to `amountMinor` exactly. */
  readonly sharesMinor: readonly number[];
}

/** A basket with its price explained: line nets plus adjustments is the total. */
export interface PricedBasket {
  /** The lines as they were handed in. */
  readonly lines: readonly PricedLine[];
  readonly adjustments: readonly BasketAdjustment[];
  readonly skipped: readonly SkippedRule[];
  readonly grossMinor: number;
  /** Never below zero. */
  readonly totalMinor: number;
  /** True if a line, or a basket strategy, is degraded. */
  readonly degraded: boolean;
}

const BASKET_ENTRIES_MAX = 32;

/**
 * Totals priced lines, one per SKU, and applies the basket strategies to their nets. Strategies see
 * the lines of their scope ordered by SKU, so the order of the lines never changes a price; an
 * empty basket costs nothing. Throws `pricing.input` for a malformed context, `money.too-large`
 * when a sum is not a safe integer.
 */
export function priceBasket(
  rules: RuleSet,
  lines: readonly PricedLine[],
  coupons: readonly string[],
  context: PricingContext,
): PricedBasket {
  const { basketSteps } = rules.select(context);
  let grossMinor = 0;
  let netMinor = 0;
  let degraded = false;
  for (const line of lines) {
    grossMinor += line.grossMinor;
    netMinor += line.netMinor;
    degraded ||= line.degraded;
  }
  // Checked once: sums of amounts that are not negative never come back once they are too large.
  if (!Number.isSafeInteger(grossMinor) || !Number.isSafeInteger(netMinor)) {
    throw new AmountTooLarge('total');
  }
  if (basketSteps.length === 0 || lines.length === 0) {
    return { lines, adjustments: [], skipped: [], grossMinor, totalMinor: netMinor, degraded };
  }

  const target = new BasketTarget(lines, coupons);
  const phase = runPhase(basketSteps, target);
  let totalMinor = netMinor;
  for (const { amountMinor } of phase.adjustments) totalMinor += amountMinor;
  if (!Number.isSafeInteger(totalMinor)) throw new AmountTooLarge('total');
  return {
    lines,
    adjustments: target.adjustments,
    skipped: phase.skipped,
    grossMinor,
    totalMinor,
    degraded: degraded || phase.degraded,
  };
}

interface BasketView extends View {
  /** Where the lines of the input stand in the canonical order. */
  readonly covered: readonly number[];
}

/** Works in canonical order, by SKU, and hands shares back in the caller's. */
class BasketTarget implements Target<BasketView> {
  readonly entriesMax = BASKET_ENTRIES_MAX;
  readonly adjustments: BasketAdjustment[] = [];
  private readonly lines: readonly PricedLine[];
  private readonly coupons: readonly string[];
  /** Canonical place -> place in the caller's order. */
  private readonly places: readonly number[];
  private readonly inputs: LineInput[];

  constructor(lines: readonly PricedLine[], coupons: readonly string[]) {
    this.lines = lines;
    this.coupons = Object.freeze([...coupons]);
    this.places = placesBySku(lines);
    this.inputs = this.places.map((place) => {
      const line = lines[place] as PricedLine;
      return lineInput(line, line.netMinor);
    });
  }

  view({ scope }: Candidate): BasketView | undefined {
    const covered: number[] = [];
    const lines: LineInput[] = [];
    let grossMinor = 0;
    let netMinor = 0;
    for (let index = 0; index < this.inputs.length; index += 1) {
      const line = this.inputs[index] as LineInput;
      if (!coversItem(scope, line)) continue;
      covered.push(index);
      lines.push(line);
      grossMinor += line.unitPriceMinor * line.quantity;
      netMinor += line.netMinor;
    }
    if (lines.length === 0) return undefined;
    const { coupons } = this;
    const input: BasketInput = Object.freeze({
      lines: Object.freeze(lines), grossMinor, netMinor, coupons,
    });
    return { input, covered };
  }

  apply({ covered }: BasketView, adjustments: readonly AppliedAdjustment[]): void {
    // What makes it dearer goes first: an answer is clamped as a whole, so only then is there
    // always enough on the lines for what its discounts take off.
    const raises = adjustments.filter(({ amountMinor }) => amountMinor > 0);
    const reductions = adjustments.filter(({ amountMinor }) => amountMinor <= 0);
    for (const adjustment of [...raises, ...reductions]) {
      const lines = covered.map((index) => this.inputs[index] as LineInput);
      const shares = allocate(adjustment.amountMinor, weightsOf(lines));
      const sharesMinor = new Array<number>(this.lines.length).fill(0);
      shares.forEach((shareMinor, at) => {
        const index = covered[at] as number;
        const line = lines[at] as LineInput;
        sharesMinor[this.places[index] as number] = shareMinor;
        if (shareMinor !== 0) this.inputs[index] = lineInput(line, line.netMinor + shareMinor);
      });
      this.adjustments.push({ ...adjustment, sharesMinor });
    }
  }
}

// A share never exceeds its line's net: an amount up to the sum of the weights, split by largest
// remainder, gives no weight more than itself. Only a surcharge meets lines that are all free.
function weightsOf(lines: readonly LineInput[]): number[] {
  const nets = lines.map((line) => line.netMinor);
  if (nets.some((netMinor) => netMinor > 0)) return nets;
  return lines.map((line) => line.unitPriceMinor * line.quantity);
}

function placesBySku(lines: readonly PricedLine[]): number[] {
  const skus = lines.map(({ sku }) => sku);
  const places = lines.map((_, place) => place);
  return places.sort((a, b) => {
    const [skuA, skuB] = [skus[a] as string, skus[b] as string];
    if (skuA === skuB) return a - b;
    return skuA < skuB ? -1 : 1;
  });
}
