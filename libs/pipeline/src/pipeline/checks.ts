import { checkChoice, checkDuration, checkFunction, checkNumber, checkOptions, checkText } from '@aisle/std';
import type { Dispatcher } from '../dispatch/dispatcher.ts';
import type { RetryOptions } from '../dispatch/retries.ts';
import type { BatcherOptions, PipelineHooks, PipelineOptions } from './options.ts';

// Options come from JSON and from JavaScript as well. Each of these throws a RangeError or TypeError that names the option.

/** What a child's id is. */
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

/** All of a pipeline's options but its shape. */
export function checkPipeline<E, O>(options: PipelineOptions<E, O>): void {
  const { id, source, process, partitionBy, retry, hooks, maxRestarts, drainMs } = checkOptions('the options', options);
  checkId(id);
  checkFunction('source', source);
  checkFunction('process', process);
  if (partitionBy !== undefined) checkFunction('partitionBy', partitionBy);
  checkRetry('retry', retry);
  checkHooks(hooks);
  checkMaxRestarts(maxRestarts);
  checkDrain(drainMs);
  if (options.batchers === undefined) return;
  const batchers = Object.entries(checkOptions('batchers', options.batchers));
  if (batchers.length === 0) throw new RangeError('batchers is empty; name at least one, or leave it out');
  for (const [name, batcher] of batchers) checkBatcher(`batchers.${name}`, batcher);
  if (options.route !== undefined) checkFunction('route', options.route);
}

function checkBatcher<O>(name: string, batcher: BatcherOptions<O>): void {
  const { size, withinMs, concurrency, partitionBy, handle, retry } = checkOptions(name, batcher);
  if (size !== undefined) checkNumber(`${name}.size`, size, { min: 1 });
  if (withinMs !== undefined) checkDuration(`${name}.withinMs`, withinMs);
  if (concurrency !== undefined) checkNumber(`${name}.concurrency`, concurrency, { min: 1 });
  if (partitionBy !== undefined) checkFunction(`${name}.partitionBy`, partitionBy);
  checkFunction(`${name}.handle`, handle);
  checkRetry(`${name}.retry`, retry);
}

function checkHooks(hooks: PipelineHooks | undefined): void {
  if (hooks === undefined) return;
  for (const [name, hook] of Object.entries(checkOptions('hooks', hooks) as object)) {
    if (hook !== undefined) checkFunction(`hooks.${name}`, hook);
  }
}
