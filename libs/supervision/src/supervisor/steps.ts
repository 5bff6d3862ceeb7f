import type { Unchecked } from '../message/protocol.ts';
import { isPromise, type MaybePromise } from '../process/outcome.ts';

/** Work in steps, some of which may wait. */
export type Steps<T> = Generator<PromiseLike<unknown>, T, Unchecked>;

/** One step: takes an available value at once, and waits only for a promise. */
export function* wait<T>(value: MaybePromise<T>): Steps<T> {
  return isPromise(value) ? ((yield value) as T) : value;
}

/**
 * Runs the steps to their end, without yielding unless a step has to wait. A tree whose servers start synchronously
 * therefore starts synchronously, whatever its depth.
 */
export function runSteps<T>(steps: Steps<T>): MaybePromise<T> {
  const step = steps.next();
  return step.done ? step.value : runLater(steps, step.value);
}

async function runLater<T>(steps: Steps<T>, first: PromiseLike<unknown>): Promise<T> {
  let awaited = first;
  for (;;) {
    const settled = await Promise.allSettled([awaited]);
    const step =
      settled[0].status === 'fulfilled'
        ? steps.next(settled[0].value)
        : steps.throw(settled[0].reason);
    if (step.done) return step.value;
    awaited = step.value;
  }
}
