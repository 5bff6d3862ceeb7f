import type { Unchecked } from '../message/protocol.ts';
import { isPromise, type MaybePromise } from '../process/outcome.ts';

/** Work in steps, some of which may have to wait. */
export type Steps<T> = Generator<PromiseLike<unknown>, T, Unchecked>;

/** One step: takes a value that is there at once, and waits only for a promise. */
export function* wait<T>(value: MaybePromise<T>): Steps<T> {
  return isPromise(value) ? ((yield value) as T) : value;
}

/**
 * Runs the steps to their end without giving way as long as none has to wait. So a tree whose
 * servers start synchronously starts synchronously, whatever its depth.
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
