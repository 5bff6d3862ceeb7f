import { InvalidInput } from '../failures.ts';
import { deepFreeze } from '../freeze.ts';
import { times } from '../money.ts';
import { atOnce, settle } from './asking.ts';
import { runPhase } from './phase.ts';
import { coversItem } from './scope.ts';
import type { Draft } from '../freeze.ts';
import type { AskingContext, Item, LineInput, PricingContext } from '../strategy.ts';
import type { Asking } from './asking.ts';
import type { Target, View } from './phase.ts';
import type { AppliedAdjustment, PricedLine } from './priced.ts';
import type { RuleSet } from './rule-set.ts';
import type { Candidate, Selection } from './selection.ts';

const DATE = /^\d{4}-\d\d-\d\d$/;

/**
 * Prices one product with its whole quantity, so the order in which units came does not matter.
 * A line the rule set has priced before costs a look-up. Throws `pricing.input` for a malformed
 * item or context, `money.too-large` when list price times quantity is not a safe integer,
 * `pricing.not-answered` when a script has to be asked: then take `askLines`.
 */
export function priceLine(rules: RuleSet, item: Item, context: PricingContext): PricedLine {
  const selection = rules.select(context);
  return recall(rules, selection, item) ?? atOnce(lineAsking(rules, selection, item));
}

/**
 * As `priceLine`, for many products under rules that may be scripts: what the scripts have to
 * answer for all of the lines is asked together. Answers come in the order of the items.
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
  const target = new LineTarget(item);
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
  // A failure may pass; what came of it is not kept.
  if (!degraded) rules.pricedLines.set(keyOf(selection.idFor(item), item), line);
  return line;
}

// A priced line is shared by all baskets that hold it, and so is what basket strategies see of it.
const shown = new WeakMap<PricedLine, LineInput>();

/** What a basket strategy sees of a line until one of them changes its net. */
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
  /** The same for every strategy until one of them changes the price. */
  private shown: View | undefined;

  constructor(item: Item) {
    this.item = item;
    this.grossMinor = times(item.unitPriceMinor, item.quantity);
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

// Written out, not spread: V8 reads a frozen spread about sixty times slower than a frozen literal.
function withOptional<T extends Item>(item: Item, draft: Draft<T>): T {
  const { category, attributes, lots } = item;
  if (category !== undefined) draft.category = category;
  if (attributes !== undefined) draft.attributes = deepFreeze(attributes);
  if (lots !== undefined) draft.lots = deepFreeze(lots);
  return Object.freeze(draft);
}

// Texts are led by their length, so no two different lines share a key.
function keyOf(selectionId: number, item: Item): string {
  const { sku, quantity, unitPriceMinor, category, attributes, lots } = item;
  let key = `${selectionId} ${quantity} ${unitPriceMinor} ${sku.length}:${sku}`;
  if (category !== undefined) key += `c${category.length}:${category}`;
  if (attributes !== undefined) key += `a${JSON.stringify(attributes)}`;
  if (lots !== undefined) key += `l${JSON.stringify(lots)}`;
  return key;
}

function requireItem({ sku, quantity, unitPriceMinor, category, lots }: Item): void {
  if (typeof sku !== 'string' || sku === '') throw new InvalidInput('sku', 'a name');
  if (!Number.isSafeInteger(quantity) || quantity < 1) {
    throw new InvalidInput('quantity', 'a whole number, at least 1');
  }
  if (!Number.isSafeInteger(unitPriceMinor) || unitPriceMinor < 0) {
    throw new InvalidInput('unitPriceMinor', 'a whole number, at least 0');
  }
  if (category !== undefined && typeof category !== 'string') {
    throw new InvalidInput('category', 'a name');
  }
  if (lots === undefined) return;
  for (const lot of lots) {
    const isCount = Number.isSafeInteger(lot.quantity) && lot.quantity >= 0;
    if (isCount && DATE.test(lot.expiresOn)) continue;
    throw new InvalidInput('lots', 'whole quantities with dates YYYY-MM-DD');
  }
}
