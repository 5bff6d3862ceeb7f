import type { MergeMode, Operation } from '@aisle/contracts';

/** Units by SKU; a missing one is 0. */
export type Quantities = ReadonlyMap<string, number>;

/** The effect of operations on a basket. It is implemented here again, so that the system is not its own judge. */
export function applied(held: Quantities, operations: readonly Operation[]): Quantities {
  const after = new Map(held);
  for (const operation of operations) {
    if (operation.op === 'clear') after.clear();
    if (operation.op === 'remove') after.delete(operation.sku);
    if (operation.op === 'add') after.set(operation.sku, (after.get(operation.sku) ?? 0) + operation.quantity);
    if (operation.op === 'set') after.set(operation.sku, operation.quantity);
    if (operation.op === 'set' && operation.quantity === 0) after.delete(operation.sku);
  }
  return after;
}

/** The basket after merging `other` into it. */
export function merged(held: Quantities, other: Quantities, mode: MergeMode): Quantities {
  if (mode === 'replace') return other;
  const after = new Map(held);
  for (const [sku, quantity] of other) {
    const before = after.get(sku) ?? 0;
    after.set(sku, mode === 'sum' ? before + quantity : Math.max(before, quantity));
  }
  return after;
}

/** In a fixed order, for comparison and display. */
export function textOf(quantities: Quantities): string {
  const cells = [...quantities].sort(([one], [other]) => (one < other ? -1 : 1));
  return cells.map(([sku, quantity]) => `${quantity} ${sku}`).join(', ') || 'nothing';
}
