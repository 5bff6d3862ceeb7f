import { checkDuration, checkNumber } from '@aisle/std';
import type { CallOptions, CastOptions } from '../message/protocol.ts';

/** Checks a time limit. */
export function checkTimeout(name: string, timeoutMs: number | 'infinity'): number | 'infinity' {
  return timeoutMs === 'infinity' ? timeoutMs : checkDuration(name, timeoutMs);
}

/** The size of a message, as its sender gave it. */
export function bytesOf(options: CastOptions | undefined): number {
  if (options?.bytes === undefined) return 0;
  return checkNumber('bytes', options.bytes, { min: 0, isWhole: false, isEndless: true });
}

/** The error of a call's options, if any. */
export function faultOf(options: CallOptions): Error | undefined {
  try {
    if (options.timeoutMs !== undefined) checkTimeout('timeoutMs', options.timeoutMs);
    bytesOf(options);
    return undefined;
  } catch (error) {
    return error as Error;
  }
}
