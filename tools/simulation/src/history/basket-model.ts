import type { Operation } from '@aisle/contracts';

/** An operation of a client on a basket. `clear` is left out, because it says nothing about a single line. */
export type BasketOperation =
  | Exclude<Operation, { op: 'clear' }>
  | { readonly op: 'read' };

/** The lines of a basket: quantities by product. Versions are left out, because the check must not rely on them. */
export type Lines = Readonly<Record<string, number>>;

/** The state of the model: quantities above 0 by product. */
export type BasketState = ReadonlyMap<string, number>;

export const emptyState: BasketState = new Map();

/** Applies an operation to a basket. Returns undefined if it is refused, because it removes a line that does not exist. */
export function apply(state: BasketState, operation: BasketOperation): BasketState | undefined {
  if (operation.op === 'read') return state;
  const { sku } = operation;
  const present = state.get(sku) ?? 0;
  if (operation.op === 'remove' && present === 0) return undefined;
  const quantity = operation.op === 'add'
    ? present + operation.quantity
    : operation.op === 'set' ? operation.quantity : 0;
  if (quantity === present) return state;
  const next = new Map(state);
  if (quantity === 0) next.delete(sku);
  else next.set(sku, quantity);
  return next;
}

/** The state that a result shows. */
export function stateOf(lines: Lines): BasketState {
  return new Map(Object.entries(lines).filter(([, quantity]) => quantity !== 0));
}

/** A canonical text of a state. */
export function textOf(state: BasketState): string {
  return [...state].map(([sku, quantity]) => `${sku}:${quantity}`).sort().join(' ');
}

/** An operation as text for an explanation, such as `add 2 GR1`. */
export function describeOperation(operation: BasketOperation): string {
  switch (operation.op) {
    case 'read': return 'read';
    case 'remove': return `remove ${operation.sku}`;
    case 'add': return `add ${operation.quantity} ${operation.sku}`;
    case 'set': return `set ${operation.sku} to ${operation.quantity}`;
  }
}
