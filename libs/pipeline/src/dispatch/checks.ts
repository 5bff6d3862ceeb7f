import { checkChoice, checkDuration, checkFunction, checkNumber, checkOptions, checkText } from '@aisle/std';
import type { Dispatcher } from './dispatcher.ts';
import type { RetryOptions } from './retries.ts';

// Options may come from JSON and from untyped JavaScript. Each check throws a RangeError or TypeError that names the
// option.

/** Checks a child's id. */
export function checkId(id: string | undefined): void {
  if (id !== undefined) checkText('id', id);
}

export function checkRetry<E>(name: string, retry: RetryOptions<E> | undefined): void {
  if (retry === undefined) return;
  const { backoffMs, backoffMaxMs, attemptsMax, deadLetter } = checkOptions(name, retry);
  if (backoffMs !== undefined) checkDuration(`${name}.backoffMs`, backoffMs);
  if (backoffMaxMs !== undefined) checkDuration(`${name}.backoffMaxMs`, backoffMaxMs);
  if (attemptsMax !== undefined) checkNumber(`${name}.attemptsMax`, attemptsMax, { min: 1, isEndless: true });
  if (deadLetter !== undefined) checkFunction(`${name}.deadLetter`, deadLetter);
}

export function checkDispatcher<E>(dispatcher: Dispatcher<E> | undefined): void {
  if (dispatcher === undefined) return;
  checkOptions('dispatcher', dispatcher);
  if (dispatcher.kind === 'partition') {
    checkNumber('dispatcher.partitions', dispatcher.partitions, { min: 1 });
    checkFunction('dispatcher.by', dispatcher.by);
  } else if (dispatcher.kind === 'broadcast') {
    if (!Array.isArray(dispatcher.subscribers ?? [])) throw new TypeError('dispatcher.subscribers must be an array of ids');
    for (const subscriber of dispatcher.subscribers ?? []) checkText('a subscriber', subscriber);
  } else {
    checkChoice('dispatcher.kind', dispatcher.kind, ['demand', 'broadcast', 'partition']);
  }
}

export function checkDrain(drainMs: number | undefined): void {
  if (drainMs !== undefined) checkDuration('drainMs', drainMs);
}

export function checkMaxRestarts(maxRestarts: number | undefined): void {
  if (maxRestarts !== undefined) checkNumber('maxRestarts', maxRestarts, { min: 0, isEndless: true });
}
