import { ContractBroken, ENTRIES_MAX, checkAnswer } from '../engine/answer.ts';
import { Memo } from '../memo.ts';
import { LIMITS } from './limits.ts';
import { ScriptFault } from './script-fault.ts';
import { encodeCtx, encodeInput, encodeParams, encodeSums } from './questions.ts';
import type { BasketInput, Ctx, LineInput, Meta, Place, Priced } from '../strategy.ts';
import type { ScriptCode } from './messages.ts';
import type { Pool } from './pool.ts';
import type { FaultCode } from './script-fault.ts';

/** A version of a script as it is kept: what it is, and what runs of it. */
export interface ScriptVersion {
  /** Of the source. */
  readonly sha256: string;
  /** What `compile` made of the source. */
  readonly code: string;
  /** What the source said about itself when it was validated; it is not asked again. */
  readonly meta: Meta;
}

/** What came of asking a script. */
export type Answered = Priced | ScriptFault;

/** Answers a version remembers. */
const ANSWERS_MAX = 8_192;
/** An input longer than this is a whole basket line by line, which is seldom seen twice. */
const REMEMBERED_CHARS_MAX = 2_048;
/** So many failures among so many calls, and the version retires itself. */
const FAULTS_MAX = 5;
const FAULTS_AMONG = 100;
const MAY_PASS: ReadonlySet<FaultCode> = new Set(['memory', 'killed']);

type Input = LineInput | BasketInput;

/** A question on its way: its place in a batch. */
interface Asked {
  readonly batch: Promise<readonly Answered[]>;
  readonly at: number;
}

/** A strategy that a script in the sandbox answers for, with a memory of what it has answered. */
export class Script {
  private readonly meta: Meta;
  private readonly pool: Pool;
  private readonly code: ScriptCode;
  private readonly retire: (fault: ScriptFault) => void;
  private readonly answers = new Memo<Answered>(ANSWERS_MAX);
  /** What is being computed just now: the same question of two baskets is asked once. */
  private readonly asked = new Map<string | Input, Asked>();
  private readonly ctxTexts = new WeakMap<Ctx, string>();
  /** Most rules for baskets look at sums alone: the lines are shown to a script that has missed them. */
  private showsLines = false;
  private retired: ScriptFault | undefined;
  private calls = 0;
  private faults = 0;

  /** `retire` is called once, when the script has failed too often to be asked again. */
  constructor(
    pool: Pool, { sha256, code, meta }: ScriptVersion, retire: (fault: ScriptFault) => void,
  ) {
    this.pool = pool;
    this.meta = meta;
    this.retire = retire;
    this.code = { sha256, code, kind: meta.kind, stack: meta.stack, params: encodeParams(meta) };
  }

  /** Undefined when the sandbox has to be asked; throws a `ScriptFault` that is known already. */
  price(input: Input, ctx: Ctx): Priced | undefined {
    if (this.retired) throw new ScriptFault('retired');
    const { key } = this.identify(input, this.ctxText(ctx));
    const known = typeof key === 'string' ? this.answers.get(key) : undefined;
    if (known instanceof ScriptFault) throw known;
    return known;
  }

  /** To what is asked ahead it gives no answer, but remembers it. */
  async ask(
    inputs: readonly Input[], ctx: Ctx, places: readonly Place[] = [],
  ): Promise<(Answered | undefined)[]> {
    const { showsLines } = this;
    const ctxText = this.ctxText(ctx);
    const keys = inputs.map((input, index) =>
      places[index]?.isAhead ? undefined : this.identify(input, ctxText).key);
    const fresh = [...keys.keys()].filter((index) => {
      const key = keys[index];
      if (key !== undefined) return !this.asked.has(key);
      // How a discount falls on lines is not known there: with its lines no basket is asked about ahead.
      return !(showsLines && 'lines' in inputs[index]!);
    });
    const batch = this.compute(ctxText, fresh.map((index) => inputs[index]!), fresh.map((index) => places[index]));
    const own = fresh.flatMap((index) => keys[index] ?? []);
    fresh.forEach((index, at) => keys[index] === undefined || this.asked.set(keys[index], { batch, at }));
    const joined = keys.map((key) => key === undefined ? undefined : this.asked.get(key));
    const batches = [...new Set([batch, ...joined.flatMap((each) => each?.batch ?? [])])];
    const answers = await Promise.all(batches).finally(() => {
      for (const key of own) this.asked.delete(key);
    });
    const given = joined.map((each) => each && answers[batches.indexOf(each.batch)]![each.at]!);
    if (showsLines || !answers.flat().some(missesLines)) return given;
    this.showsLines = true;
    return Promise.all(given.map(async (answer, index) =>
      answer && missesLines(answer) ? (await this.ask([inputs[index]!], ctx))[0] : answer));
  }

  /** Takes it out of service, whatever it did. */
  retireFor(fault: ScriptFault): void {
    if (this.retired) return;
    this.retired = fault;
    this.retire(fault);
  }

  private async compute(
    ctxText: string, inputs: readonly Input[], places: readonly (Place | undefined)[],
  ): Promise<readonly Answered[]> {
    const questions = inputs.map((input, index) => ({
      text: this.identify(input, ctxText).text, netMinor: input.netMinor, place: places[index],
    }));
    if (questions.some(({ text }) => text.length > LIMITS.inputChars)) {
      return questions.map(() => new ScriptFault('memory', 'the input is too large'));
    }
    const answers = await this.pool.ask(this.code, ctxText, questions);
    return answers.map(({ answer, netMinor }, index) => {
      const checked = this.check(answer, netMinor);
      if (missesLines(checked)) return checked;
      this.remember(keyOf(ctxText, netMinor, questions[index]!.text), checked);
      this.count(checked);
      return checked;
    });
  }

  private check(answer: Answered, netMinor: number): Answered {
    if (answer instanceof ScriptFault) return answer;
    try {
      checkAnswer(answer, {
        netMinor, surcharge: this.meta.surcharge === true, entriesMax: ENTRIES_MAX,
      });
      return answer;
    } catch (thrown) {
      if (thrown instanceof ContractBroken) return new ScriptFault('contract', thrown.message);
      throw thrown;
    }
  }

  // What the script did is pure and comes again; what the machine did may not.
  private remember(key: string | undefined, answer: Answered): void {
    const mayPass = answer instanceof ScriptFault && MAY_PASS.has(answer.code);
    if (!mayPass && key !== undefined) this.answers.set(key, answer);
  }

  private count(answer: Answered): void {
    this.calls += 1;
    if (answer instanceof ScriptFault) this.faults += 1;
    if (answer instanceof ScriptFault && this.faults >= FAULTS_MAX) this.retireFor(answer);
    if (this.calls < FAULTS_AMONG) return;
    this.calls = 0;
    this.faults = 0;
  }

  private identify(input: Input, ctxText: string): Identity {
    const { showsLines } = this;
    const known = identities.get(input);
    const alike = known?.showsLines === showsLines ? known : undefined;
    if (alike?.ctxText === ctxText) return alike;
    const text = alike?.text
      ?? ('lines' in input && !showsLines ? encodeSums(input) : encodeInput(input));
    const key = keyOf(ctxText, input.netMinor, text) ?? input;
    const identity = { ctxText, showsLines, key, text };
    identities.set(input, identity);
    return identity;
  }

  private ctxText(ctx: Ctx): string {
    let text = this.ctxTexts.get(ctx);
    if (text === undefined) {
      text = encodeCtx(ctx);
      this.ctxTexts.set(ctx, text);
    }
    return text;
  }
}

/** What an input is known by in a context, and its text alone. */
interface Identity {
  readonly ctxText: string;
  readonly showsLines: boolean;
  /** Long ones by themselves: to hash them costs more than it finds. */
  readonly key: string | Input;
  readonly text: string;
}

// Scripts that look at the same input know it by the same texts, made and hashed only once.
const identities = new WeakMap<Input, Identity>();

/** Undefined for what is not remembered. */
function keyOf(ctxText: string, netMinor: number, text: string): string | undefined {
  return text.length > REMEMBERED_CHARS_MAX ? undefined : `${ctxText}${netMinor} ${text}`;
}

function missesLines(answer: Answered): boolean {
  return answer instanceof ScriptFault && answer.code === 'lines-missed';
}
