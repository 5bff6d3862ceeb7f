import type { Operation } from '@aisle/contracts';

/** What a client asked of a basket; `clear` is left out, since it says nothing about any one line. */
export type BasketOperation =
  | Exclude<Operation, { op: 'clear' }>
  | { readonly op: 'read' };

/** The lines of a basket: quantities by product, without versions, so that those are not believed. */
export type Lines = Readonly<Record<string, number>>;

/** The only state of the model. No product is there with a quantity of 0. */
export type BasketState = ReadonlyMap<string, number>;

export const emptyState: BasketState = new Map();

/** What an operation makes of a basket; undefined where it is refused: removing a line that is not there. */
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

/** The same text for the same state. */
export function textOf(state: BasketState): string {
  return [...state].map(([sku, quantity]) => `${sku}:${quantity}`).sort().join(' ');
}

/** `add 2 GR1`, as an explanation shows it. */
export function describeOperation(operation: BasketOperation): string {
  switch (operation.op) {
    case 'read': return 'read';
    case 'remove': return `remove ${operation.sku}`;
    case 'add': return `add ${operation.quantity} ${operation.sku}`;
    case 'set': return `set ${operation.sku} to ${operation.quantity}`;
  }
}
