import { ContractBroken, ENTRIES_MAX, checkAnswer } from '../engine/answer.ts';
import { Memo } from '../memo.ts';
import { LIMITS } from './limits.ts';
import { ScriptFault } from './script-fault.ts';
import { encodeCtx, encodeInput, encodeParams, encodeSums } from './wire.ts';
import type { BasketInput, Ctx, LineInput, Meta, Priced } from '../strategy.ts';
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
    this.code = { sha256, code, kind: meta.kind, params: encodeParams(meta) };
  }

  /** Undefined when the sandbox has to be asked; throws a `ScriptFault` that is known already. */
  price(input: Input, ctx: Ctx): Priced | undefined {
    if (this.retired) throw new ScriptFault('retired');
    const { key } = this.identify(input, this.ctxText(ctx));
    const known = typeof key === 'string' ? this.answers.get(key) : undefined;
    if (known instanceof ScriptFault) throw known;
    return known;
  }

  async ask(inputs: readonly Input[], ctx: Ctx): Promise<Answered[]> {
    const { showsLines } = this;
    const ctxText = this.ctxText(ctx);
    const keys = inputs.map((input) => this.identify(input, ctxText).key);
    const fresh = inputs.filter((_, index) => !this.asked.has(keys[index]!));
    if (fresh.length > 0) {
      const batch = this.compute(ctxText, fresh);
      fresh.forEach((input, at) => this.asked.set(this.identify(input, ctxText).key, { batch, at }));
    }
    const places = keys.map((key) => this.asked.get(key)!);
    const batches = [...new Set(places.map(({ batch }) => batch))];
    const answers = await Promise.all(batches);
    const given = places.map(({ batch, at }) => answers[batches.indexOf(batch)]![at]!);
    if (showsLines || !given.some(missesLines)) return given;
    this.showsLines = true;
    return Promise.all(given.map(async (answer, index) =>
      missesLines(answer) ? (await this.ask([inputs[index]!], ctx))[0]! : answer));
  }

  /** Takes it out of service, whatever it did. */
  retireFor(fault: ScriptFault): void {
    if (this.retired) return;
    this.retired = fault;
    this.retire(fault);
  }

  private async compute(ctxText: string, inputs: readonly Input[]): Promise<readonly Answered[]> {
    const asked = inputs.map((input) => this.identify(input, ctxText));
    try {
      const texts = asked.map(({ text }) => text);
      if (texts.some(({ length }) => length > LIMITS.inputChars)) {
        return texts.map(() => new ScriptFault('memory', 'the input is too large'));
      }
      const answers = await this.pool.ask(this.code, ctxText, texts);
      return answers.map((answer, index) => {
        const checked = this.check(answer, inputs[index]!);
        if (missesLines(checked)) return checked;
        this.remember(asked[index]!.key, checked);
        this.count(checked);
        return checked;
      });
    } finally {
      for (const { key } of asked) this.asked.delete(key);
    }
  }

  private check(answer: Answered, { netMinor }: Input): Answered {
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
  private remember(key: string | Input, answer: Answered): void {
    const mayPass = answer instanceof ScriptFault && MAY_PASS.has(answer.code);
    if (!mayPass && typeof key === 'string') this.answers.set(key, answer);
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
    const key = text.length > REMEMBERED_CHARS_MAX ? input : ctxText + text;
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

function missesLines(answer: Answered): boolean {
  return answer instanceof ScriptFault && answer.code === 'lines-missed';
}
