import { ScriptFault } from './script-fault.ts';
import type { StrategyAnswer } from '../engine/answer.ts';
import type { Draft } from '../freeze.ts';
import type { Adjustment, Priced, Skip } from '../strategy.ts';
import type { FaultCode } from './script-fault.ts';
import type { Part } from './messages.ts';

// Answers on their way from a worker to the host: checked, therefore bounded, and written by the worker itself. Numbers
// in one buffer, and each text once, cost a fraction of a structured clone.

// The faults of single answers. Other faults end the whole part.
const FAULT_CODES: readonly FaultCode[] = ['threw', 'asynchronous', 'contract', 'lines-missed'];

/** Encodes checked answers as a part. */
export function encode(answers: readonly (StrategyAnswer | ScriptFault)[]): Pick<Extract<Part, { words: unknown }>, 'count' | 'words' | 'numbers'> {
  const places = new Map<string, number>();
  const numbers: number[] = [];
  const placeOf = (text: string): number => {
    let place = places.get(text);
    if (place === undefined) {
      place = places.size;
      places.set(text, place);
    }
    return place;
  };
  for (const answer of answers) {
    if (answer instanceof ScriptFault) {
      numbers.push(-1 - FAULT_CODES.indexOf(answer.code), placeOf(answer.text));
      continue;
    }
    const { adjustments, skipped } = answer;
    numbers.push(adjustments.length, skipped.length);
    for (const { code, amountMinor, units, message } of adjustments) {
      numbers.push(placeOf(code), amountMinor, units ?? -1, placeOf(message));
    }
    for (const { code, reason, unitsNeeded } of skipped) numbers.push(placeOf(code), placeOf(reason), unitsNeeded ?? -1);
  }
  return { count: answers.length, words: [...places.keys()], numbers: Float64Array.from(numbers) };
}

const NONE: readonly never[] = Object.freeze([]);

/** The answers of a part. */
export function decode(part: Part): (Priced | ScriptFault)[] {
  if ('fault' in part) {
    const fault = new ScriptFault(part.fault, part.text);
    return Array.from({ length: part.count }, () => fault);
  }
  const { words, numbers } = part;
  let at = 0;
  const next = (): number => numbers[at++] as number;
  const word = (): string => words[next()] as string;
  const adjustment = (): Adjustment => {
    const code = word();
    const amountMinor = next();
    const units = next();
    const read: Draft<Adjustment> = { code, amountMinor, message: word() };
    if (units !== -1) read.units = units;
    return read;
  };
  const skip = (): Skip => {
    const read: Draft<Skip> = { code: word(), reason: word() };
    const unitsNeeded = next();
    if (unitsNeeded !== -1) read.unitsNeeded = unitsNeeded;
    return read;
  };
  return Array.from({ length: part.count }, () => {
    const first = next();
    if (first < 0) return new ScriptFault(FAULT_CODES[-1 - first] as FaultCode, word());
    const hints = next();
    return { adjustments: listOf(first, adjustment), skipped: listOf(hints, skip) };
  });
}

function listOf<T>(length: number, read: () => T): readonly T[] {
  if (length === 0) return NONE;
  // Start with the first entry: an empty array grows to a larger capacity, and most lists have one entry.
  const list = [read()];
  while (list.length < length) list.push(read());
  return list;
}
