import { ANSWER_LIMITS, ContractBroken, checkAnswer } from '../engine/answer.ts';
import { storableText } from '../text.ts';
import { ScriptFault } from './script-fault.ts';
import type { StrategyAnswer, AnswerTerms } from '../engine/answer.ts';
import type { Draft } from '../freeze.ts';
import type { Adjustment, Priced, Skip } from '../strategy.ts';
import type { FaultCode } from './script-fault.ts';

/** Answers to the inputs of one call, in the prelude's encoding. */
export interface Encoded {
  readonly words: readonly string[];
  /** First the number of words so far, then the answers. */
  readonly numbers: Float64Array;
}

/** The kept length of a thrown text. */
export const TEXT_CHARS_MAX = 200;

/** The message for numbers and words that no context of ours writes. */
export const UNREADABLE = 'the answer cannot be read';

/** A status of the prelude, and whether the index of a text follows. */
const FAULTS: Readonly<Record<number, { code: FaultCode; hasText: boolean; text?: string }>> = {
  1: { code: 'threw', hasText: true },
  2: { code: 'asynchronous', hasText: false },
  3: { code: 'lines-missed', hasText: false },
  4: { code: 'contract', hasText: false, text: 'adjustments and skipped have too much text' },
};

/**
 * Reads a context's answers to inputs at these nets, and checks each. The content is not trusted: the work of reading
 * is bounded by the size of the output. Throws a `ScriptFault` if the end of an answer cannot be found.
 */
export function readAnswers(
  { words, numbers }: Encoded, netsMinor: readonly number[], { kind, surcharge }: Omit<AnswerTerms, 'netMinor'>,
): (StrategyAnswer | ScriptFault)[] {
  const reader = new Reader(words, numbers);
  // Written out instead of spread, which would take longer than reading and checking an answer.
  const answers = netsMinor.map((netMinor) => checked(reader.answer(), { kind, surcharge, netMinor }));
  reader.close();
  return answers;
}

function checked(answer: Priced | ScriptFault, terms: AnswerTerms): StrategyAnswer | ScriptFault {
  if (answer instanceof ScriptFault) return answer;
  try {
    return checkAnswer(answer, terms);
  } catch (thrown) {
    if (thrown instanceof ContractBroken) return new ScriptFault('contract', thrown.message);
    throw thrown;
  }
}

// Replaces a missing text, so that the check refuses the answer.
const NO_TEXT = undefined as unknown as string;
const NO_LIST = null as unknown as readonly never[];
const LONG_LIST: readonly never[] = Object.freeze(new Array<never>(ANSWER_LIMITS.entries + 1));

class Reader {
  private readonly words: readonly string[];
  private readonly numbers: Float64Array;
  /** The first number is not part of an answer. */
  private at = 1;

  constructor(words: readonly string[], numbers: Float64Array) {
    this.words = words;
    this.numbers = numbers;
  }

  answer(): Priced | ScriptFault {
    const status = this.number();
    if (status === 0) return { adjustments: this.list(() => this.adjustment()), skipped: this.list(() => this.skip()) };
    const fault = FAULTS[status];
    if (fault === undefined) throw new ScriptFault('contract', UNREADABLE);
    return new ScriptFault(fault.code, fault.hasText ? storableText((this.word() as string | undefined) ?? '', TEXT_CHARS_MAX) : fault.text);
  }

  /** Throws unless everything has been read. */
  close(): void {
    if (this.at !== this.numbers.length) throw new ScriptFault('contract', UNREADABLE);
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
    if (length === -1) return NO_LIST;
    if (length === -2) return LONG_LIST;
    if (!Number.isInteger(length) || length < 0 || length > this.numbers.length - this.at) {
      throw new ScriptFault('contract', UNREADABLE);
    }
    const list: T[] = [];
    while (list.length < length) list.push(read());
    return list;
  }

  private number(): number {
    if (this.at >= this.numbers.length) throw new ScriptFault('contract', UNREADABLE);
    return this.numbers[this.at++] as number;
  }

  private word(): string {
    const place = this.number();
    if (place === -1) return NO_TEXT;
    const word: unknown = this.words[place];
    if (typeof word !== 'string') throw new ScriptFault('contract', UNREADABLE);
    return word;
  }
}
