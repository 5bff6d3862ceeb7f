// The rules of a basket, pure: commands decide choices, and events change the state.
import { LIMITS, choiceOf, extrasOf, stepsPerUnit, type AbsorbBasket, type Choice, type LineChoice, type Operation, type RestoreBasket } from '@aisle/contracts';
import type { BasketChanged, BasketCheckedOut, BasketEvent, LinelessEvent } from './basket-event.ts';
import { BasketFailure } from './basket-failures.ts';
import type { BasketPrice, Line, Merge, Revisions } from './basket-parts.ts';
import type { LostLine, Notice } from './notice.ts';

export type { BasketPrice, Line, Merge, Revisions } from './basket-parts.ts';

/** The order that a checkout made of a basket's lines. It never changes. */
export interface CheckoutOrder extends OrderPrice {
  readonly orderId: string;
  /** The opening that the checkout ended; 0 in orders that were stored before openings were recorded. */
  readonly opening: number;
}

/** Lines at the prices of one instant, with the full cost of each. */
export interface OrderPrice extends Omit<BasketPrice, 'skipped'> {
  readonly lines: readonly Line[];
  /** Each line's share of the adjustments of the whole basket, in the order of the lines. The shares sum to the adjustments. */
  readonly sharesMinor: readonly number[];
  /** The revision of the rules. */
  readonly rules: number;
  readonly atMs: number;
}

/** The state of a basket's life: only an open basket accepts changes. */
export type Standing =
  | { readonly is: 'unmade' | 'expired' }
  /** `order` is the last checkout's, until the basket is changed. */
  | { readonly is: 'open'; readonly order?: CheckoutOrder }
  | { readonly is: 'sealed'; readonly merge: Merge }
  | { readonly is: 'merged'; readonly into: string };

export interface Basket extends BasketPrice {
  /** Grows by one with each event. */
  readonly version: number;
  /** The version at which the present opening began, or the next one begins: that of the last checkout or expiry; 0 before. */
  readonly opening: number;
  readonly standing: Standing;
  /** Ids of the latest merges into this basket. */
  readonly absorbed: readonly string[];
  readonly lines: ReadonlyMap<string, Line>;
  readonly revisions: Revisions;
  /** The instant of these prices. */
  readonly pricedAtMs: number;
  readonly notices: readonly Notice[];
  /** No change has shown the notices yet. The next change shows them, and the one after it removes them. */
  readonly noticesAreNew: boolean;
  /** The instant of the last event. Later events have the same or a later instant, on any server. */
  readonly updatedAtMs: number;
}

const OPEN: Standing = { is: 'open' };
// A merge's id is its command's id, so the journal recognises a repetition for as long as it keeps the row (30 days).
// `absorbed` recognises it after pruning as well, for a guest that was sealed all that time. A sealed basket has one merge,
// and few baskets merge into the same one at once, so this many ids suffice.
const ABSORBED_MAX = 32;

export const emptyBasket: Basket = {
  version: 0,
  opening: 0,
  standing: { is: 'unmade' },
  absorbed: [],
  lines: new Map(),
  adjustments: [],
  skipped: [],
  totalMinor: 0,
  degraded: false,
  revisions: { catalogue: 0, rules: 0 },
  pricedAtMs: 0,
  notices: [],
  noticesAreNew: false,
  updatedAtMs: 0,
};

/** The products of a market, as far as the rules of a basket need them. */
export interface Shelf {
  sells(sku: string): boolean;
  /** Steps in one whole unit of the product; 1 for products that are sold by the piece. */
  stepsPerUnit(sku: string): number;
}

/** The most that one line may have of a product, in its steps. */
function lineMax({ lines }: Basket, sku: string, shelf: Shelf): number {
  const held = lines.get(sku);
  return LIMITS.unitsPerLine * (held ? stepsPerUnit(held.unit) : shelf.stepsPerUnit(sku));
}

/** The choice of a product that is not in the basket, or leaves it. */
const NOTHING = choiceOf({ quantity: 0 });
const CHOICE_FIELDS = Object.keys(NOTHING) as (keyof Choice)[];

export function isSameChoice(choice: Choice, other: Choice): boolean {
  return CHOICE_FIELDS.every((field) => choice[field] === other[field]);
}

/** Two choices of one product in one line. An extra of `more` replaces the held one. */
function joined(held: LineChoice, more: LineChoice, quantity: number): Choice {
  return { ...choiceOf(held), ...extrasOf(more), quantity };
}

/** The choice of a product after an operation. */
function choiceAfter(operation: Exclude<Operation, { op: 'clear' }>, held: LineChoice): Choice {
  switch (operation.op) {
    case 'add':
      return joined(held, operation, held.quantity + operation.quantity);
    case 'set':
      return operation.quantity === 0 ? NOTHING : choiceOf(operation);
    case 'remove':
      return NOTHING;
  }
}

/**
 * The final choice of each product that the operations name; they apply in order. A quantity of 0 removes the line.
 * Throws `BasketFailure.lineMissing`, `BasketFailure.lineFull` or `BasketFailure.full`, so a batch applies as a whole or not at all.
 */
export function choicesAfter(basket: Basket, operations: readonly Operation[], shelf: Shelf): ReadonlyMap<string, Choice> {
  const choices = new Map<string, Choice>();
  const heldOf = (sku: string): LineChoice => choices.get(sku) ?? basket.lines.get(sku) ?? NOTHING;

  for (const operation of operations) {
    if (operation.op === 'clear') {
      for (const sku of basket.lines.keys()) choices.set(sku, NOTHING);
      for (const sku of choices.keys()) choices.set(sku, NOTHING);
      continue;
    }
    const { op, sku } = operation;
    const held = heldOf(sku);
    if (op === 'remove' && held.quantity === 0) throw BasketFailure.lineMissing(sku);
    const choice = choiceAfter(operation, held);
    // Most quantities are below the limit of pieces, which is the lowest.
    if (choice.quantity > LIMITS.unitsPerLine && choice.quantity > lineMax(basket, sku, shelf)) {
      throw BasketFailure.lineFull(sku, lineMax(basket, sku, shelf));
    }
    choices.set(sku, choice);
  }
  checkRoom(basket, choices);
  return choices;
}

function checkRoom(basket: Basket, choices: ReadonlyMap<string, Choice>): void {
  let lines = basket.lines.size;
  for (const [sku, { quantity }] of choices) {
    if (quantity > 0 && !basket.lines.has(sku)) lines += 1;
    if (quantity === 0 && basket.lines.has(sku)) lines -= 1;
  }
  if (lines > LIMITS.linesPerBasket) throw BasketFailure.full(LIMITS.linesPerBasket);
}

/** The lines after `choices`; those in `priced` replace the basket's own. */
export function linesAfter(
  basket: Basket,
  choices: ReadonlyMap<string, Choice>,
  priced: readonly Line[],
): Map<string, Line> {
  const lines = new Map(basket.lines);
  for (const [sku, { quantity }] of choices) if (quantity === 0) lines.delete(sku);
  for (const line of priced) lines.set(line.sku, line);
  return lines;
}

/** The operations by which a basket takes in the lines of another one. */
export function absorption(basket: Basket, { mode, lines }: Pick<AbsorbBasket, 'mode' | 'lines'>): Operation[] {
  switch (mode) {
    case 'sum':
      return lines.map((line) => ({ op: 'add', ...line }));
    case 'max':
      return lines.map((line) => {
        const held = basket.lines.get(line.sku) ?? NOTHING;
        return { op: 'set', sku: line.sku, ...joined(held, line, Math.max(held.quantity, line.quantity)) };
      });
    case 'replace':
      return [{ op: 'clear' }, ...lines.map((line) => ({ op: 'set' as const, ...line }))];
  }
}

/**
 * The operations that put the lines of an order back into a basket, and the units that do not fit. Units are lost above
 * the limits of a line and of a basket, and of products that are no longer sold.
 */
export function restoration(
  basket: Basket, lines: RestoreBasket['lines'], shelf: Shelf,
): { readonly operations: Operation[]; readonly lost: LostLine[] } {
  const operations: Operation[] = [];
  const lost: LostLine[] = [];
  let room = LIMITS.linesPerBasket - basket.lines.size;
  for (const line of lines) {
    const { sku, quantity } = line;
    const held = basket.lines.get(sku)?.quantity;
    const reason = !shelf.sells(sku) ? 'product_unknown' : held === undefined && room === 0 ? 'basket_full' : 'line_full';
    const fitting = reason === 'line_full' ? Math.min(quantity, lineMax(basket, sku, shelf) - (held ?? 0)) : 0;
    if (fitting > 0) operations.push({ op: 'add', ...line, quantity: fitting });
    if (fitting > 0 && held === undefined) room -= 1;
    if (fitting < quantity) lost.push({ sku, quantity: quantity - fitting, reason });
  }
  return { operations, lost };
}

/** The basket after an event. No strategy is called, so a replay reproduces every amount exactly. */
export function evolve(basket: Basket, event: BasketEvent): Basket {
  switch (event.type) {
    case 'changed':
      return changed(basket, event);
    case 'repriced':
    case 'restored':
      return { ...changed(basket, event.change), noticesAreNew: event.change.notices.length > 0 };
    case 'absorbed':
      return {
        ...changed(basket, event.change),
        absorbed: [...basket.absorbed, event.mergeId].slice(-ABSORBED_MAX),
      };
    case 'checkedOut':
      return checkedOut(basket, event);
    case 'sealed':
      return { ...next(basket, event), standing: { is: 'sealed', merge: event.merge } };
    case 'unsealed':
      return { ...next(basket, event), standing: OPEN };
    case 'declined':
      return next(basket, event);
    case 'merged':
      return { ...emptied(basket, event), standing: { is: 'merged', into: event.other } };
    case 'expired':
      return { ...emptied(basket, event), opening: basket.version + 1, standing: { is: 'expired' } };
  }
}

function changed(basket: Basket, event: BasketChanged): Basket {
  const removals = new Map(event.removed.map((sku) => [sku, NOTHING]));
  return {
    version: basket.version + 1,
    opening: basket.opening,
    standing: OPEN,
    absorbed: basket.absorbed,
    lines: linesAfter(basket, removals, event.lines),
    adjustments: event.adjustments,
    skipped: event.skipped,
    totalMinor: event.totalMinor,
    taxes: event.taxes,
    degraded: event.degraded,
    revisions: event.revisions,
    pricedAtMs: event.atMs,
    notices: event.notices,
    noticesAreNew: false,
    updatedAtMs: event.atMs,
  };
}

function checkedOut(basket: Basket, event: BasketCheckedOut): Basket {
  const { revisions, atMs } = event.change;
  const order = { orderId: event.orderId, opening: event.opening, ...orderPriceOf(event) };
  return { ...emptied(basket, event.change), opening: basket.version + 1, revisions, pricedAtMs: atMs, standing: { is: 'open', order } };
}

/** The price of a checkout: of each line, and in total. */
export function orderPriceOf({ change, sharesMinor }: Pick<BasketCheckedOut, 'change' | 'sharesMinor'>): OrderPrice {
  const { lines, adjustments, totalMinor, taxes, degraded, revisions: { rules }, atMs } = change;
  return { lines, adjustments, totalMinor, taxes, degraded, sharesMinor, rules, atMs };
}

function next(basket: Basket, { atMs }: Pick<LinelessEvent, 'atMs'>): Basket {
  return { ...basket, version: basket.version + 1, updatedAtMs: atMs };
}

function emptied(basket: Basket, event: Pick<LinelessEvent, 'atMs'>): Basket {
  const { lines, adjustments, skipped, totalMinor, taxes, degraded, notices, noticesAreNew } = emptyBasket;
  return { ...next(basket, event), lines, adjustments, skipped, totalMinor, taxes, degraded, notices, noticesAreNew };
}
