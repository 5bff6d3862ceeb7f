import { PricingFailure } from '../failures.ts';
import { deepFreeze } from '../freeze.ts';
import { times } from '../money.ts';
import { grossOf } from '../quantity/gross.ts';
import { atOnce, settle } from './asking.ts';
import { runPhase } from './phase.ts';
import { coversItem, isUnit } from './scope.ts';
import type { Draft } from '../freeze.ts';
import type { AskingContext, Item, LineInput, PricingContext, Rounding } from '../strategy.ts';
import type { Asking } from './asking.ts';
import type { Target, View } from './phase.ts';
import type { AppliedAdjustment, PricedLine } from './priced.ts';
import type { RuleSet } from './rule-set.ts';
import type { Candidate, Selection } from './selection.ts';

const DATE = /^\d{4}-\d\d-\d\d$/;

/**
 * Prices one product with its whole quantity, so the order of additions does not matter. A line that the rule set has
 * priced before costs a look-up. Throws `pricing.input` for a malformed item or context, and `money.too-large` if list
 * price times quantity is not a safe integer. Throws `pricing.not-answered` if a script has to be asked; then use
 * `askLines`.
 */
export function priceLine(rules: RuleSet, item: Item, context: PricingContext): PricedLine {
  const selection = rules.select(context);
  return recall(rules, selection, item) ?? atOnce(lineAsking(rules, selection, item));
}

/**
 * Like `priceLine`, for many products under rules that may be scripts. The questions of all lines are asked together.
 * Answers come in the order of the items.
 */
export async function askLines(
  rules: RuleSet, items: readonly Item[], context: AskingContext,
): Promise<PricedLine[]> {
  const selection = rules.select(context);
  const lines = items.map((item) => recall(rules, selection, item));
  const unknown = items.filter((_, index) => lines[index] === undefined);
  const askings = unknown.map((item) => lineAsking(rules, selection, item));
  const asked = (await settle(askings, context.patience))[Symbol.iterator]();
  return lines.map((line) => line ?? asked.next().value as PricedLine);
}

function recall(rules: RuleSet, selection: Selection, item: Item): PricedLine | undefined {
  requireItem(item);
  return rules.pricedLines.get(keyOf(selection.idFor(item), item));
}

function* lineAsking(rules: RuleSet, selection: Selection, item: Item): Asking<PricedLine> {
  const target = new LineTarget(item, selection.rounding);
  const { adjustments, skipped, degraded } = yield* runPhase(selection.lineSteps, target);
  const { grossMinor, netMinor } = target;
  const line = withOptional(item, {
    sku: item.sku,
    quantity: item.quantity,
    unitPriceMinor: item.unitPriceMinor,
    grossMinor,
    adjustments: Object.freeze(adjustments),
    skipped: Object.freeze(skipped),
    netMinor,
    degraded,
  } satisfies PricedLine);
  // A failure may be temporary, so its result is not cached.
  if (!degraded) rules.pricedLines.set(keyOf(selection.idFor(item), item), line);
  return line;
}

// All baskets with a priced line share it, and so they share the view that basket strategies get.
const shown = new WeakMap<PricedLine, LineInput>();

/** A line as a basket strategy sees it, until a strategy changes its net. */
export function basketLineInput(line: PricedLine): LineInput {
  let input = shown.get(line);
  if (input === undefined) {
    input = lineInput(line, line.netMinor);
    shown.set(line, input);
  }
  return input;
}

export function lineInput(item: Item, netMinor: number): LineInput {
  const { sku, quantity, unitPriceMinor } = item;
  return withOptional(item, { sku, quantity, unitPriceMinor, netMinor });
}

class LineTarget implements Target<View> {
  readonly grossMinor: number;
  netMinor: number;
  private readonly item: Item;
  /** Shared by all strategies until one of them changes the price. */
  private shown: View | undefined;

  constructor(item: Item, rounding: Rounding) {
    const { unitPriceMinor, quantity, unit } = item;
    this.item = item;
    this.grossMinor = unit === undefined
      ? times(unitPriceMinor, quantity)
      : grossOf({ unitPriceMinor, steps: quantity, scale: unit.scale }, rounding);
    this.netMinor = this.grossMinor;
  }

  view(candidate: Candidate): View | undefined {
    if (!coversItem(candidate.scope, this.item)) return undefined;
    return this.shown ??= { input: lineInput(this.item, this.netMinor) };
  }

  apply(_view: View, adjustments: readonly AppliedAdjustment[]): void {
    this.shown = undefined;
    for (const { amountMinor } of adjustments) this.netMinor += amountMinor;
  }
}

// Written out instead of spread: V8 reads a frozen spread about sixty times slower than a frozen literal.
function withOptional<T extends Item>(item: Item, draft: Draft<T>): T {
  const { unit, category, taxCategory, attributes, lots } = item;
  if (unit !== undefined) draft.unit = deepFreeze(unit);
  if (category !== undefined) draft.category = category;
  if (taxCategory !== undefined) draft.taxCategory = taxCategory;
  if (attributes !== undefined) draft.attributes = deepFreeze(attributes);
  if (lots !== undefined) draft.lots = deepFreeze(lots);
  return Object.freeze(draft);
}

// Texts are prefixed by their length, so that different lines have different keys.
function keyOf(selectionId: number, item: Item): string {
  const { sku, quantity, unitPriceMinor, unit, category, taxCategory, attributes, lots } = item;
  let key = `${selectionId} ${quantity} ${unitPriceMinor} ${sku.length}:${sku}`;
  if (unit !== undefined) key += `u${unit.scale}${unit.code.length}:${unit.code}`;
  if (category !== undefined) key += `c${category.length}:${category}`;
  if (taxCategory !== undefined) key += `t${taxCategory.length}:${taxCategory}`;
  if (attributes !== undefined) key += `a${JSON.stringify(attributes)}`;
  if (lots !== undefined) key += `l${JSON.stringify(lots)}`;
  return key;
}

function requireItem({ sku, quantity, unitPriceMinor, unit, category, lots }: Item): void {
  if (typeof sku !== 'string' || sku === '') throw PricingFailure.input('sku', 'a name');
  if (!Number.isSafeInteger(quantity) || quantity < 1) {
    throw PricingFailure.input('quantity', 'a whole number, at least 1');
  }
  if (!Number.isSafeInteger(unitPriceMinor) || unitPriceMinor < 0) {
    throw PricingFailure.input('unitPriceMinor', 'a whole number, at least 0');
  }
  if (unit !== undefined && !isUnit(unit)) throw PricingFailure.input('unit', 'a code, and a scale from 0 to 3');
  if (category !== undefined && typeof category !== 'string') {
    throw PricingFailure.input('category', 'a name');
  }
  if (lots === undefined) return;
  for (const lot of lots) {
    const isCount = Number.isSafeInteger(lot.quantity) && lot.quantity >= 0;
    if (isCount && DATE.test(lot.expiresOn)) continue;
    throw PricingFailure.input('lots', 'whole quantities with dates YYYY-MM-DD');
  }
}
