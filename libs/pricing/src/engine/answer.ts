import { textProblem } from '../text.ts';
import type { Draft } from '../freeze.ts';
import type { Adjustment, Meta, Skip } from '../strategy.ts';

/** A checked and copied answer. No object in it belongs to the strategy. */
export interface StrategyAnswer {
  readonly adjustments: readonly Adjustment[];
  readonly skipped: readonly Skip[];
  /** Sum of the adjustments. */
  readonly amountMinor: number;
}

/** The terms of a valid answer. If any part of it breaks them, the strategy has failed and none of it counts. */
export interface AnswerTerms {
  readonly kind: Meta['kind'];
  /** The net of the target before the strategy. */
  readonly netMinor: number;
  readonly surcharge: boolean;
}

/** The answer breaks the contract. The message says where, in the engine's words. */
export class ContractBroken extends Error {}

/** The strategy could not answer. The message says why, in the sandbox's words. */
export class StrategyFailed extends Error {}

/**
 * The bounds of an answer. A line's answer is part of every basket document with that line, so these bounds keep a
 * basket of 1,000 lines below 2 MB. The amounts keep all sums exact: no partial sum of an answer reaches 2^53, nor do
 * the surcharges of 80 strategies on 1,000 lines.
 */
export const ANSWER_LIMITS = {
  /** Adjustments and hints. */
  entries: 32,
  codeChars: 64,
  textChars: 500,
  /** The size of all entries as JSON in UTF-8, counting `entryBytes` per entry besides its texts. */
  bytes: { line: 1_024, basket: 8_192 },
  entryBytes: 128,
  /** The total of all adjustments, regardless of sign. */
  adjustedMinor: 10 ** 15,
  /** The total of a surcharge. */
  dearerMinor: 10 ** 11,
} as const;

const NOTHING: readonly never[] = Object.freeze([]);

/** Reads each field once, so that a getter cannot answer differently the second time. */
export function checkAnswer(output: unknown, { kind, netMinor, surcharge }: AnswerTerms): StrategyAnswer {
  const { adjustments: listed, skipped: hints, then } = fieldsOf(output, 'answer');
  if (typeof then === 'function') {
    // Strategies are synchronous. A promise that rejects must not bring the process down.
    void Promise.resolve(output).catch(() => undefined);
    throw new ContractBroken('answer is a promise');
  }
  const adjustments = copyOf(listed, 'adjustments', adjustmentOf);
  const skipped = hints === undefined ? NOTHING : copyOf(hints, 'skipped', skipOf);
  requireFits(adjustments, skipped, ANSWER_LIMITS.bytes[kind]);
  const amountMinor = sumOf(adjustments, netMinor);
  if (amountMinor > 0 && !surcharge) {
    throw new ContractBroken('adjustments raise the price; only a strategy with meta.surcharge may do that');
  }
  return { adjustments, skipped, amountMinor };
}

/** The sum of the adjustments. It stays in the exact range in any order of application to the net. */
function sumOf(adjustments: readonly Adjustment[], netMinor: number): number {
  let raisedMinor = 0;
  let loweredMinor = 0;
  for (const { amountMinor } of adjustments) {
    if (amountMinor > 0) raisedMinor += amountMinor;
    else loweredMinor -= amountMinor;
    // Checked at every step, so that both sums stay far from where they would be rounded.
    if (raisedMinor + loweredMinor > ANSWER_LIMITS.adjustedMinor) {
      throw new ContractBroken(`adjustments exceed ${ANSWER_LIMITS.adjustedMinor} minor units in total`);
    }
  }
  if (!Number.isSafeInteger(netMinor + raisedMinor)) {
    throw new ContractBroken('adjustments make the price too large to be exact');
  }
  const amountMinor = raisedMinor - loweredMinor;
  if (amountMinor > ANSWER_LIMITS.dearerMinor) {
    throw new ContractBroken(`adjustments raise the price by more than ${ANSWER_LIMITS.dearerMinor} minor units`);
  }
  return amountMinor;
}

function requireFits(adjustments: readonly Adjustment[], skipped: readonly Skip[], bytesMax: number): void {
  const { entryBytes } = ANSWER_LIMITS;
  let bytes = (adjustments.length + skipped.length) * entryBytes;
  let chars = 0;
  for (const { code, message } of adjustments) chars += code.length + message.length;
  for (const { code, reason } of skipped) chars += code.length + reason.length;
  // JSON writes a character in at most six bytes, so most answers need no further check.
  if (bytes + chars * 6 <= bytesMax) return;
  for (const { code, message } of adjustments) bytes += jsonBytesOf(code) + jsonBytesOf(message);
  for (const { code, reason } of skipped) bytes += jsonBytesOf(code) + jsonBytesOf(reason);
  if (bytes > bytesMax) throw new ContractBroken(`adjustments and skipped have more than ${bytesMax} bytes`);
}

function jsonBytesOf(text: string): number {
  return Buffer.byteLength(JSON.stringify(text)) - 2;
}

function adjustmentOf(entry: unknown): Adjustment {
  const { code, amountMinor, units, message } = fieldsOf(entry, 'adjustment');
  if (!isSafe(amountMinor)) throw new ContractBroken('amountMinor is not a safe integer');
  const adjustment: Draft<Adjustment> = {
    code: textOf(code, 'code', ANSWER_LIMITS.codeChars),
    amountMinor: amountMinor === 0 ? 0 : amountMinor,
    message: textOf(message, 'message', ANSWER_LIMITS.textChars),
  };
  if (units !== undefined) adjustment.units = countOf(units, 'units');
  return adjustment;
}

function skipOf(entry: unknown): Skip {
  const { code, reason, unitsNeeded } = fieldsOf(entry, 'skip');
  const skip: Draft<Skip> = {
    code: textOf(code, 'code', ANSWER_LIMITS.codeChars),
    reason: textOf(reason, 'reason', ANSWER_LIMITS.textChars),
  };
  if (unitsNeeded !== undefined) skip.unitsNeeded = countOf(unitsNeeded, 'unitsNeeded');
  return skip;
}

// By index, up to a length that is read once: a list's own iterator or `map` could be replaced.
function copyOf<T>(list: unknown, name: string, read: (entry: unknown) => T): readonly T[] {
  if (!Array.isArray(list)) throw new ContractBroken(`${name} is not a list`);
  const length: unknown = list.length;
  if (length === 0) return NOTHING;
  // A proxy may return any length.
  if (!isSafe(length) || length < 0) throw new ContractBroken(`${name} is not a list`);
  if (length > ANSWER_LIMITS.entries) throw new ContractBroken(`${name} has more than ${ANSWER_LIMITS.entries} entries`);
  // Start with the first entry: an empty array grows to a larger capacity, and most lists have one entry.
  const copy = [read(list[0])];
  for (let index = 1; index < length; index += 1) copy.push(read(list[index]));
  return copy;
}

function fieldsOf(value: unknown, name: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  throw new ContractBroken(`${name} is not an object`);
}

function textOf(value: unknown, name: string, lengthMax: number): string {
  if (typeof value !== 'string' || value.length === 0 || value.length > lengthMax) {
    throw new ContractBroken(`${name} is not a text of 1 to ${lengthMax} characters`);
  }
  const problem = textProblem(value);
  if (problem) throw new ContractBroken(`${name} has ${problem}`);
  return value;
}

function countOf(value: unknown, name: string): number {
  if (isSafe(value) && value >= 0) return value === 0 ? 0 : value;
  throw new ContractBroken(`${name} is not a count`);
}

function isSafe(value: unknown): value is number {
  return Number.isSafeInteger(value);
}
