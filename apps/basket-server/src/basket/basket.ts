// The rules of a basket, pure: what a command makes of it, and what an event makes of it.
import { LIMITS, type AbsorbBasket, type LineChoice, type Operation, type StockLine } from '@aisle/contracts';
import type { BasketChanged, BasketCheckedOut, BasketEvent, Beside } from './basket-event.ts';
import { BasketFailure } from './basket-failures.ts';
import type { BasketPrice, Choice, Line, Merge, Revisions } from './basket-parts.ts';
import type { LostLine, Notice } from './notice.ts';

export type { BasketPrice, Choice, Line, Merge, Revisions } from './basket-parts.ts';

/** What a checkout made of a basket's lines, for good. */
export interface PlacedOrder extends OrderPrice {
  readonly orderId: string;
}

/** Lines at the prices of one instant, and what each of them costs in all. */
export interface OrderPrice extends Omit<BasketPrice, 'skipped'> {
  readonly lines: readonly Line[];
  /** By line, what the adjustments of the whole come to on it; they sum to those. */
  readonly sharesMinor: readonly number[];
  /** The revision of the rules. */
  readonly rules: number;
  readonly atMs: number;
}

/** Whether a basket can be used, and if not, why. */
export type Standing =
  | { readonly is: 'unmade' | 'expired' }
  /** With the order that it was last made into, until it is changed. */
  | { readonly is: 'open'; readonly order?: PlacedOrder }
  | { readonly is: 'sealed'; readonly merge: Merge }
  | { readonly is: 'merged'; readonly into: string };

export interface Basket extends BasketPrice {
  /** Grows by one with each event. */
  readonly version: number;
  readonly standing: Standing;
  /** The last merges that were taken in here. */
  readonly absorbed: readonly string[];
  readonly lines: ReadonlyMap<string, Line>;
  readonly revisions: Revisions;
  /** The instant of these prices. */
  readonly pricedAtMs: number;
  readonly notices: readonly Notice[];
  /** No change has answered with the notices yet: the next one does, and the one after it takes them away. */
  readonly noticesAreNew: boolean;
  /** The instant of the last event: what comes after it is of no earlier one, on whichever server. */
  readonly updatedAtMs: number;
}

const OPEN: Standing = { is: 'open' };
// The id of a merge is the command's id too, so the journal alone knows each for as long as it keeps
// the row (30 days). These outlive pruning, for a merge that was sealed all that time: nobody else asks
// again so late, and what is sealed has one merge. More than one of a basket at once is rare, this many
// unheard of.
const ABSORBED_MAX = 32;

export const emptyBasket: Basket = {
  version: 0,
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

/** The choice of a product that is not in the basket, or leaves it. */
const NOTHING: Choice = { quantity: 0 };
const CHOICE_FIELDS = Object.keys(NOTHING) as (keyof Choice)[];

/** What was chosen of a line, of a basket or of its document. */
export function choiceOf({ quantity }: LineChoice): Choice {
  return { quantity };
}

export function isSameChoice(choice: Choice, other: Choice): boolean {
  return CHOICE_FIELDS.every((field) => choice[field] === other[field]);
}

/** What an operation makes of the choice that is held of its product. */
function choiceAfter(operation: Exclude<Operation, { op: 'clear' }>, held: Choice): Choice {
  switch (operation.op) {
    case 'add':
      return { quantity: held.quantity + operation.quantity };
    case 'set':
      return choiceOf(operation);
    case 'remove':
      return NOTHING;
  }
}

/**
 * The choice that each product named by the operations ends with, applied in order; a quantity of 0 takes its
 * line away. Throws `BasketFailure.lineMissing`, `BasketFailure.lineFull` or `BasketFailure.full`: all of a batch stands, or none of it.
 */
export function choicesAfter(basket: Basket, operations: readonly Operation[]): ReadonlyMap<string, Choice> {
  const choices = new Map<string, Choice>();
  const heldOf = (sku: string): Choice => choices.get(sku) ?? basket.lines.get(sku) ?? NOTHING;

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
    if (choice.quantity > LIMITS.unitsPerLine) throw BasketFailure.lineFull(sku, LIMITS.unitsPerLine);
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

/** The lines after `choices`, of which those in `priced` have just been priced again. */
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

/** What has to be done to a basket to take in the lines of another one. */
export function absorption(basket: Basket, { mode, lines }: Pick<AbsorbBasket, 'mode' | 'lines'>): Operation[] {
  switch (mode) {
    case 'sum':
      return lines.map((line) => ({ op: 'add', ...line }));
    case 'max':
      return lines.map((line) => {
        const held = basket.lines.get(line.sku)?.quantity ?? 0;
        return { op: 'set', ...line, quantity: Math.max(held, line.quantity) };
      });
    case 'replace':
      return [{ op: 'clear' }, ...lines.map((line) => ({ op: 'set' as const, ...line }))];
  }
}

/**
 * The changes that take the lines of an order back into a basket, and the units that do not fit: those above the limit of a
 * line, lines above that of a basket, products that are no longer sold.
 */
export function restoration(
  basket: Basket, lines: readonly StockLine[], isSold: (sku: string) => boolean,
): { readonly operations: Operation[]; readonly lost: LostLine[] } {
  const operations: Operation[] = [];
  const lost: LostLine[] = [];
  let room = LIMITS.linesPerBasket - basket.lines.size;
  for (const { sku, quantity } of lines) {
    const held = basket.lines.get(sku)?.quantity;
    const reason = !isSold(sku) ? 'product_unknown' : held === undefined && room === 0 ? 'basket_full' : 'line_full';
    const fitting = reason === 'line_full' ? Math.min(quantity, LIMITS.unitsPerLine - (held ?? 0)) : 0;
    if (fitting > 0) operations.push({ op: 'add', sku, quantity: fitting });
    if (fitting > 0 && held === undefined) room -= 1;
    if (fitting < quantity) lost.push({ sku, quantity: quantity - fitting, reason });
  }
  return { operations, lost };
}

/** What an event makes of a basket. It calls no strategy: a replay gives every penny again. */
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
      return { ...emptied(basket, event), standing: { is: 'expired' } };
  }
}

function changed(basket: Basket, event: BasketChanged): Basket {
  const removals = new Map(event.removed.map((sku) => [sku, NOTHING]));
  return {
    version: basket.version + 1,
    standing: OPEN,
    absorbed: basket.absorbed,
    lines: linesAfter(basket, removals, event.lines),
    adjustments: event.adjustments,
    skipped: event.skipped,
    totalMinor: event.totalMinor,
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
  const order = { orderId: event.orderId, ...orderPriceOf(event) };
  return { ...emptied(basket, event.change), revisions, pricedAtMs: atMs, standing: { is: 'open', order } };
}

/** The cost of a checkout's lines, each and in all. */
export function orderPriceOf({ change, sharesMinor }: Pick<BasketCheckedOut, 'change' | 'sharesMinor'>): OrderPrice {
  const { lines, adjustments, totalMinor, degraded, revisions: { rules }, atMs } = change;
  return { lines, adjustments, totalMinor, degraded, sharesMinor, rules, atMs };
}

function next(basket: Basket, { atMs }: Pick<Beside, 'atMs'>): Basket {
  return { ...basket, version: basket.version + 1, updatedAtMs: atMs };
}

function emptied(basket: Basket, event: Pick<Beside, 'atMs'>): Basket {
  const { lines, adjustments, skipped, totalMinor, degraded, notices, noticesAreNew } = emptyBasket;
  return { ...next(basket, event), lines, adjustments, skipped, totalMinor, degraded, notices, noticesAreNew };
}
