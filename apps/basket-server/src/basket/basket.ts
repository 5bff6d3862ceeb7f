// The rules of a basket, pure: what a command makes of it, and what an event makes of it.
import { LIMITS, type Operation } from '@aisle/contracts';
import type { AppliedAdjustment, PricedLine, SkippedRule } from '@aisle/pricing';
import { BasketFull, LineFull, LineMissing } from './basket-failures.ts';

/** One product in a basket, with its whole quantity and why it costs what it costs. */
export interface Line extends PricedLine {
  readonly name: string;
}

/** What the basket phase made of the lines. */
export interface BasketPrice {
  readonly adjustments: readonly AppliedAdjustment[];
  readonly skipped: readonly SkippedRule[];
  readonly totalMinor: number;
}

/** The prices under which a basket stands: a newer revision of either reprices all of it. */
export interface Revisions {
  readonly catalogue: number;
  readonly rules: number;
}

export interface Basket extends BasketPrice {
  /** Grows by one with each event; 0 is a basket that nobody has made. */
  readonly version: number;
  readonly lines: ReadonlyMap<string, Line>;
  readonly revisions: Revisions;
  readonly updatedAtMs: number;
}

/** Every accepted write is one event, so that a basket's versions have no gap. */
export interface BasketChanged extends BasketPrice {
  readonly type: 'changed';
  /** The lines that are new or different, in the order in which they entered. */
  readonly lines: readonly Line[];
  readonly removed: readonly string[];
  readonly revisions: Revisions;
  readonly atMs: number;
}

export const emptyBasket: Basket = {
  version: 0,
  lines: new Map(),
  adjustments: [],
  skipped: [],
  totalMinor: 0,
  revisions: { catalogue: 0, rules: 0 },
  updatedAtMs: 0,
};

/**
 * The quantity that each product named by the operations ends with, applied in order; 0 takes its
 * line away. Throws `LineMissing`, `LineFull` or `BasketFull`: all of a batch stands, or none of it.
 */
export function targetQuantities(
  basket: Basket,
  operations: readonly Operation[],
): ReadonlyMap<string, number> {
  const targets = new Map<string, number>();
  const quantityOf = (sku: string): number =>
    targets.get(sku) ?? basket.lines.get(sku)?.quantity ?? 0;

  for (const operation of operations) {
    if (operation.op === 'clear') {
      for (const sku of basket.lines.keys()) targets.set(sku, 0);
      for (const sku of targets.keys()) targets.set(sku, 0);
      continue;
    }
    const { op, sku } = operation;
    if (op === 'remove' && quantityOf(sku) === 0) throw new LineMissing(sku);
    const quantity =
      op === 'add' ? quantityOf(sku) + operation.quantity : op === 'set' ? operation.quantity : 0;
    if (quantity > LIMITS.unitsPerLine) throw new LineFull(sku, LIMITS.unitsPerLine);
    targets.set(sku, quantity);
  }
  checkRoom(basket, targets);
  return targets;
}

function checkRoom(basket: Basket, targets: ReadonlyMap<string, number>): void {
  let lines = basket.lines.size;
  for (const [sku, quantity] of targets) {
    if (quantity > 0 && !basket.lines.has(sku)) lines += 1;
    if (quantity === 0 && basket.lines.has(sku)) lines -= 1;
  }
  if (lines > LIMITS.linesPerBasket) throw new BasketFull(LIMITS.linesPerBasket);
}

/** The lines after `targets`, of which those in `priced` have just been priced again. */
export function linesAfter(
  basket: Basket,
  targets: ReadonlyMap<string, number>,
  priced: readonly Line[],
): Map<string, Line> {
  const lines = new Map(basket.lines);
  for (const [sku, quantity] of targets) if (quantity === 0) lines.delete(sku);
  for (const line of priced) lines.set(line.sku, line);
  return lines;
}

/** What an event makes of a basket. It calls no strategy: a replay gives every penny again. */
export function evolve(basket: Basket, event: BasketChanged): Basket {
  const removals = new Map(event.removed.map((sku) => [sku, 0]));
  return {
    version: basket.version + 1,
    lines: linesAfter(basket, removals, event.lines),
    adjustments: event.adjustments,
    skipped: event.skipped,
    totalMinor: event.totalMinor,
    revisions: event.revisions,
    updatedAtMs: event.atMs,
  };
}
