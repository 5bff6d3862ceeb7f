import { ScriptFault } from './script-fault.ts';
import type { Draft } from '../freeze.ts';
import type { Adjustment, Priced, Skip } from '../strategy.ts';
import type { Part } from './messages.ts';
import type { FaultCode } from './script-fault.ts';

const STATUSES: Record<number, FaultCode> = {
  1: 'threw', 2: 'asynchronous', 3: 'memory', 4: 'lines-missed',
};

/**
 * The answers of a part. Nothing in it is believed but that it ends: texts and lists that are not
 * what they should be come out as what the engine's own check refuses.
 */
export function decode(part: Part): (Priced | ScriptFault)[] {
  if ('fault' in part) {
    const fault = new ScriptFault(part.fault, part.text);
    return Array.from({ length: part.count }, () => fault);
  }
  const reader = new Reader(JSON.parse(part.words) as string[], part.numbers);
  return Array.from({ length: part.count }, () => reader.answer());
}

/** By how much each answer of a part would change the net; 0 where it is a fault. */
export function changesOf(part: Part): number[] {
  if ('fault' in part) return Array.from({ length: part.count }, () => 0);
  const reader = new Reader([], part.numbers);
  return Array.from({ length: part.count }, () => reader.changeMinor());
}

const NONE: readonly never[] = Object.freeze([]);

const ADJUSTMENT_NUMBERS = 4;
const SKIP_NUMBERS = 3;

class Reader {
  private readonly words: readonly string[];
  private readonly numbers: Float64Array;
  /** The first number is the context's own. */
  private at = 1;

  constructor(words: readonly string[], numbers: Float64Array) {
    this.words = words;
    this.numbers = numbers;
  }

  answer(): Priced | ScriptFault {
    const status = this.number();
    if (status === 2) return new ScriptFault('asynchronous');
    if (status === 4) return new ScriptFault('lines-missed');
    if (status !== 0) return new ScriptFault(STATUSES[status] ?? 'contract', this.word() ?? '');
    const adjustments = this.list(() => this.adjustment());
    const skipped = this.list(() => this.skip());
    return { adjustments, skipped };
  }

  /** Of the next answer, without its words. */
  changeMinor(): number {
    const status = this.number();
    if (status === 1 || status === 3) this.at += 1;
    if (status !== 0) return 0;
    let changeMinor = 0;
    for (let left = this.number(); left > 0; left -= 1) {
      changeMinor += this.numbers[this.at + 1] as number;
      this.at += ADJUSTMENT_NUMBERS;
    }
    const skips = Math.max(0, this.number());
    this.at += skips * SKIP_NUMBERS;
    return changeMinor;
  }

  private adjustment(): Adjustment {
    const code = this.word();
    const amountMinor = this.number();
    const units = this.number();
    const adjustment: Draft<Adjustment> = { code, amountMinor, message: this.word() };
    if (units !== -1) adjustment.units = units;
    return adjustment;
  }

  private skip(): Skip {
    const skip: Draft<Skip> = { code: this.word(), reason: this.word() };
    const unitsNeeded = this.number();
    if (unitsNeeded !== -1) skip.unitsNeeded = unitsNeeded;
    return skip;
  }

  private list<T>(read: () => T): readonly T[] {
    const length = this.number();
    // Longer than the contract allows, or no list at all: the check refuses null.
    if (length < 0) return null as unknown as T[];
    if (!(length > 0)) return NONE;
    const list = [read()];
    for (let index = 1; index < length; index += 1) list.push(read());
    return list;
  }

  private number(): number {
    return this.numbers[this.at++] as number;
  }

  private word(): string {
    return this.words[this.number()] as string;
  }
}
