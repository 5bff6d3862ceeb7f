import type { RecordedOperation } from './history.ts';
import { linearize } from './linearize.ts';
import { explain } from './explain.ts';

/** The result of a check. */
export type Verdict =
  | { readonly kind: 'linearizable'; readonly operations: number }
  /** No order of the operations explains what the clients saw. */
  | { readonly kind: 'violated'; readonly basket: string; readonly explanation: string }
  /** The search exceeded its budget: neither proven nor refuted. Treat it as a failure. */
  | { readonly kind: 'gave up'; readonly basket: string; readonly explanation: string };

/** The budget of a check. */
export interface CheckOptions {
  /** The most steps of the search for each basket. 300,000 unless given, which take some seconds. */
  readonly stepsMax?: number;
}

/**
 * Checks that each basket is linearizable: it behaves as if every operation took effect at one instant between its call and its
 * return. Baskets are checked independently. Returns the first violated basket, otherwise the first on which the search gave up.
 *
 * The algorithm is the search of Wing and Gong with Lowe's cache of visited states, as in Porcupine.
 */
export function checkLinearizable(
  history: { readonly operations: readonly RecordedOperation[] },
  { stepsMax = 300_000 }: CheckOptions = {},
): Verdict {
  let gaveUp: Verdict | undefined;
  for (const [basket, operations] of byBasket(history.operations)) {
    const found = linearize(operations, stepsMax);
    if (found.kind === 'linearized') continue;
    const explanation = explain(basket, found);
    if (found.kind === 'stuck') return { kind: 'violated', basket, explanation };
    gaveUp ??= { kind: 'gave up', basket, explanation };
  }
  return gaveUp ?? { kind: 'linearizable', operations: history.operations.length };
}

function byBasket(operations: readonly RecordedOperation[]): Map<string, RecordedOperation[]> {
  const baskets = new Map<string, RecordedOperation[]>();
  for (const operation of operations) {
    const list = baskets.get(operation.basket);
    if (list) list.push(operation);
    else baskets.set(operation.basket, [operation]);
  }
  return baskets;
}
