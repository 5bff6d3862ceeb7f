import type { Draft } from '../freeze.ts';
import type { Adjustment, Skip } from '../strategy.ts';

/** An answer that was checked and copied: nothing in it is the strategy's own object. */
export interface Answer {
  readonly adjustments: readonly Adjustment[];
  readonly skipped: readonly Skip[];
  /** Sum of the adjustments. */
  readonly amountMinor: number;
}

/** What an answer may be: beyond it the strategy has failed, and is not believed in any part. */
export interface AnswerLimits {
  /** Net of the target before the strategy. */
  readonly netMinor: number;
  readonly surcharge: boolean;
  readonly entriesMax: number;
}

/** The answer does not keep the contract; the message says where, in the engine's own words. */
export class ContractBroken extends Error {}

/** The strategy could not answer; the message says why, in the sandbox's own words. */
export class StrategyFailed extends Error {}

/** How many adjustments, and how many skipped rules, one answer may hold. */
export const ENTRIES_MAX = 32;

const CODE_LENGTH_MAX = 64;
const TEXT_LENGTH_MAX = 500;
const NOTHING: readonly never[] = Object.freeze([]);

/** Reads each field once: a getter that answers differently the second time gains nothing. */
export function checkAnswer(output: unknown, limits: AnswerLimits): Answer {
  const { adjustments: listed, skipped, then } = fieldsOf(output, 'answer');
  if (typeof then === 'function') {
    // Strategies are synchronous; a promise that rejects must not bring the process down.
    void Promise.resolve(output).catch(() => undefined);
    throw new ContractBroken('answer is a promise');
  }

  const adjustments = copyOf(listed, 'adjustments', limits.entriesMax, adjustmentOf);
  let amountMinor = 0;
  for (const adjustment of adjustments) amountMinor += adjustment.amountMinor;
  if (!Number.isSafeInteger(amountMinor) || !Number.isSafeInteger(limits.netMinor + amountMinor)) {
    throw new ContractBroken('adjustments sum up to more than a safe integer');
  }
  if (amountMinor > 0 && !limits.surcharge) {
    throw new ContractBroken('adjustments make it dearer, which only a surcharge may');
  }
  return {
    adjustments,
    skipped: skipped === undefined
      ? NOTHING
      : copyOf(skipped, 'skipped', limits.entriesMax, skipOf),
    amountMinor,
  };
}

function adjustmentOf(entry: unknown): Adjustment {
  const { code, amountMinor, units, message } = fieldsOf(entry, 'adjustment');
  if (!isSafe(amountMinor)) throw new ContractBroken('amountMinor is not a safe integer');
  const adjustment: Draft<Adjustment> = {
    code: textOf(code, 'code', CODE_LENGTH_MAX),
    amountMinor: amountMinor === 0 ? 0 : amountMinor,
    message: textOf(message, 'message', TEXT_LENGTH_MAX),
  };
  if (units !== undefined) adjustment.units = countOf(units, 'units');
  return adjustment;
}

function skipOf(entry: unknown): Skip {
  const { code, reason, unitsNeeded } = fieldsOf(entry, 'skip');
  const skip: Draft<Skip> = {
    code: textOf(code, 'code', CODE_LENGTH_MAX),
    reason: textOf(reason, 'reason', TEXT_LENGTH_MAX),
  };
  if (unitsNeeded !== undefined) skip.unitsNeeded = countOf(unitsNeeded, 'unitsNeeded');
  return skip;
}

// By index, up to a length read once: a list's own iterator or `map` could be anything.
function copyOf<T>(
  list: unknown, name: string, entriesMax: number, read: (entry: unknown) => T,
): readonly T[] {
  if (!Array.isArray(list)) throw new ContractBroken(`${name} is not a list`);
  const { length } = list;
  if (length === 0) return NOTHING;
  if (length > entriesMax) throw new ContractBroken(`${name} has too many entries`);
  // Not grown from nothing, which makes room for many: most lists have one entry.
  const copy = [read(list[0])];
  for (let index = 1; index < length; index += 1) copy.push(read(list[index]));
  return copy;
}

function fieldsOf(value: unknown, name: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  throw new ContractBroken(`${name} is not an object`);
}

function textOf(value: unknown, name: string, lengthMax: number): string {
  if (typeof value === 'string' && value.length > 0 && value.length <= lengthMax) return value;
  throw new ContractBroken(`${name} is not a text of 1 to ${lengthMax} characters`);
}

function countOf(value: unknown, name: string): number {
  if (isSafe(value) && value >= 0) return value === 0 ? 0 : value;
  throw new ContractBroken(`${name} is not a count`);
}

function isSafe(value: unknown): value is number {
  return Number.isSafeInteger(value);
}
