import { checkDuration, checkFunction, checkNumber, checkOptions } from '@aisle/std';
import { checkDrain, checkId, checkMaxRestarts, checkRetry } from '../dispatch/checks.ts';
import type { BatcherOptions, PipelineHooks, PipelineOptions } from './options.ts';

/** Checks all options of a pipeline except its shape. */
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
