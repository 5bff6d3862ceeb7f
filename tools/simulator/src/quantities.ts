import type { MergeMode, Operation } from '@aisle/contracts';

/** Units by SKU; none is 0. */
export type Quantities = ReadonlyMap<string, number>;

/** What operations make of a basket: said again here, so that the system is not its own judge. */
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

/** What merging `other` into it makes of a basket. */
export function merged(held: Quantities, other: Quantities, mode: MergeMode): Quantities {
  if (mode === 'replace') return other;
  const after = new Map(held);
  for (const [sku, quantity] of other) {
    const before = after.get(sku) ?? 0;
    after.set(sku, mode === 'sum' ? before + quantity : Math.max(before, quantity));
  }
  return after;
}

/** In a fixed order, to compare and to show. */
export function textOf(quantities: Quantities): string {
  const cells = [...quantities].sort(([one], [other]) => (one < other ? -1 : 1));
  return cells.map(([sku, quantity]) => `${quantity} ${sku}`).join(', ') || 'nothing';
}
