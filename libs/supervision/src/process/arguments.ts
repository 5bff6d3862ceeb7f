import { checkDuration, checkNumber } from '@aisle/std';
import type { CallOptions, CastOptions } from '../message/protocol.ts';

/** Checks how long somebody waits. */
export function checkTimeout(name: string, timeoutMs: number | 'infinity'): number | 'infinity' {
  return timeoutMs === 'infinity' ? timeoutMs : checkDuration(name, timeoutMs);
}

/** The size of a message that its sender told. */
export function bytesOf(options: CastOptions | undefined): number {
  if (options?.bytes === undefined) return 0;
  return checkNumber('bytes', options.bytes, { min: 0, isWhole: false, isEndless: true });
}

/** What is wrong with the options of a call, if anything. */
export function faultOf(options: CallOptions): Error | undefined {
  try {
    if (options.timeoutMs !== undefined) checkTimeout('timeoutMs', options.timeoutMs);
    bytesOf(options);
    return undefined;
  } catch (error) {
    return error as Error;
  }
}
