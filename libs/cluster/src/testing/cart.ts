// The actor of the simulations: a cart whose every answer shows all that it holds.
import type { Behaviour } from '@aisle/journal';
import type { BasketOperation, Lines } from '@aisle/simulation';
import { failures } from '@aisle/std';

/** A change to a cart, as its actor gets it. */
export type CartCommand = Exclude<BasketOperation, { op: 'read' }>;

type Stored = [sku: string, quantity: number];

const CartFailure = failures('cart', { lineMissing: ['rejected', 'the cart holds nothing of it'] });

export const cartBehaviour: Behaviour<Lines, CartCommand, Stored, null> = {
  initial: {},
  decide(lines, command) {
    const present = lines[command.sku] ?? 0;
    if (command.op === 'remove' && present === 0) throw CartFailure.lineMissing();
    const quantity = command.op === 'remove' ? 0 : command.op === 'add' ? present + command.quantity : command.quantity;
    return { events: [[command.sku, quantity]], outcome: null };
  },
  evolve(lines, [sku, quantity]) {
    const { [sku]: _before, ...others } = lines;
    return quantity === 0 ? others : { ...others, [sku]: quantity };
  },
  schemaVersion: 1,
  save: (lines) => lines,
  restore: (saved) => saved as Lines,
};
