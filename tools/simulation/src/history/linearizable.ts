import type { RecordedOperation } from './history.ts';
import { linearize } from './linearize.ts';
import { explain } from './explain.ts';

/** What a check of one or more baskets came to. */
export type Verdict =
  | { readonly kind: 'linearizable'; readonly operations: number }
  /** No order of the operations explains what the clients saw. */
  | { readonly kind: 'violated'; readonly basket: string; readonly explanation: string }
  /** The budget was used up first: neither proven nor refuted, and to be treated as a failure. */
  | { readonly kind: 'gave up'; readonly basket: string; readonly explanation: string };

/** How hard the search tries. */
export interface CheckOptions {
  /** How many steps the search may take for each basket. 300,000, some seconds, unless told. */
  readonly stepsMax?: number;
}

/**
 * Whether each basket behaves as if every operation took effect at one instant between its call and its
 * return. Wing & Gong's search with Lowe's memory of states, as in Porcupine; baskets are independent. The
 * first basket that is violated is the answer, else the first that the search gave up on.
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
