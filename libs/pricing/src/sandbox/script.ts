import { Memo } from '../memo.ts';
import { LIMITS } from './limits.ts';
import { ScriptFault } from './script-fault.ts';
import { encodeCtx, encodeInput, encodeParams, encodeSums } from './questions.ts';
import type { Asker, BasketInput, Ctx, LineInput, Meta, Patience, Priced, QuestionPlace } from '../strategy.ts';
import type { ScriptCode } from './messages.ts';
import type { Pool, PoolQuestion } from './pool.ts';
import type { FaultCode } from './script-fault.ts';

/** A stored version of a script. */
export interface ScriptVersion {
  /** The hash of the source. */
  readonly sha256: string;
  /** The result of `compile`. */
  readonly code: string;
  /** The source's meta at its validation. The script is not asked for it again. */
  readonly meta: Meta;
}

/** The data by which a worker runs a version. */
export function codeOf({ sha256, code, meta }: ScriptVersion): ScriptCode {
  return {
    sha256, code, kind: meta.kind, stack: meta.stack, surcharge: meta.surcharge === true, params: encodeParams(meta),
  };
}

/** The result of asking a script. */
export type Answered = Priced | ScriptFault;

/** The number of answers that a version caches. */
const ANSWERS_MAX = 8_192;
/** A longer input is a whole basket line by line, which is seldom seen twice. */
const REMEMBERED_CHARS_MAX = 2_048;
/** A version with this many failures among this many calls retires itself. */
const FAULTS_MAX = 5;
const FAULTS_AMONG = 100;
const MAY_PASS: ReadonlySet<FaultCode> = new Set(['memory', 'killed', 'suspended']);

type Input = LineInput | BasketInput;

interface ScriptQuestion extends PoolQuestion {
  readonly key: string | Input;
}

/** Questions that left together. */
interface AskedBatch {
  readonly questions: ScriptQuestion[];
  answers: Promise<readonly Answered[]> | undefined;
}

/** A pending question: its index in a batch. */
interface Asked {
  readonly batch: AskedBatch;
  readonly at: number;
}

/** A strategy that is answered by a script in the sandbox, with a cache of answers. */
export class Script {
  private readonly meta: Meta;
  private readonly pool: Pool;
  private readonly code: ScriptCode;
  private readonly retire: (fault: ScriptFault) => void;
  private readonly answers = new Memo<Answered>(ANSWERS_MAX);
  /** Pending questions by patience, so that the same question of two baskets is asked once. */
  private readonly asked: Readonly<Record<Patience, Map<string | Input, Asked>>> = { keystroke: new Map(), checkout: new Map() };
  private readonly ctxTexts = new WeakMap<Ctx, string>();
  /** True once the script has read the lines. Most basket rules read the sums alone, so at first only these are sent. */
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
    this.code = codeOf({ sha256, code, meta });
  }

  /** Undefined if the sandbox has to be asked. Throws a `ScriptFault` that is known already. */
  price(input: Input, ctx: Ctx): Priced | undefined {
    if (this.retired) throw new ScriptFault('retired');
    const { key } = this.identify(input, this.ctxText(ctx));
    const known = typeof key === 'string' ? this.answers.get(key) : undefined;
    if (known instanceof ScriptFault) throw known;
    return known;
  }

  /** A speculative question gets no answer here, but its answer is cached. */
  async ask(
    inputs: readonly Input[], ctx: Ctx, places: readonly QuestionPlace[] = [], asker?: Asker,
  ): Promise<(Answered | undefined)[]> {
    const { showsLines } = this;
    const underWay = this.asked[asker?.patience ?? 'keystroke'];
    const ctxText = this.ctxText(ctx);
    const batch: AskedBatch = { questions: [], answers: undefined };
    const joined = inputs.map((input, index) => {
      const place = places[index];
      const isAhead = place?.isAhead === true;
      // The split of a discount over the lines is unknown there, so a basket with its lines is not asked about ahead.
      if (isAhead && showsLines && 'lines' in input) return undefined;
      const { key, text } = this.identify(input, ctxText);
      const known = isAhead ? undefined : underWay.get(key);
      if (known) return known;
      const at = batch.questions.push({ key, text, netMinor: input.netMinor, place }) - 1;
      if (isAhead) return undefined;
      const asked = { batch, at };
      underWay.set(key, asked);
      return asked;
    });
    batch.answers = this.compute(ctxText, batch.questions, asker).finally(() => {
      for (const { key, place } of batch.questions) if (!place?.isAhead) underWay.delete(key);
    });
    const answers = await batch.answers;
    const given: (Answered | undefined)[] = [];
    for (const each of joined) {
      given.push(each && (each.batch === batch ? answers : await each.batch.answers!)[each.at]!);
    }
    if (showsLines || this.meta.kind === 'line' || ![...answers, ...given].some(missesLines)) return given;
    this.showsLines = true;
    return Promise.all(given.map(async (answer, index) =>
      missesLines(answer) ? (await this.ask([inputs[index]!], ctx, [], asker))[0] : answer));
  }

  /** Takes it out of service with this fault. */
  retireFor(fault: ScriptFault): void {
    if (this.retired) return;
    this.retired = fault;
    this.retire(fault);
  }

  /** Counts a failure whose answer nobody awaits. */
  blame(fault: ScriptFault): void {
    this.count(fault);
  }

  private async compute(
    ctxText: string, questions: readonly ScriptQuestion[], asker: Asker | undefined,
  ): Promise<readonly Answered[]> {
    if (questions.some(({ text }) => text.length > LIMITS.inputChars)) {
      return questions.map(() => new ScriptFault('memory', 'the input is too large'));
    }
    const { answers, netsMinor } = await this.pool.ask(this.code, ctxText, questions, asker);
    answers.forEach((answer, index) => {
      const { key, text, netMinor: givenMinor, place } = questions[index]!;
      const netMinor = netsMinor[index]!;
      if (missesLines(answer)) return;
      // A speculative question may never be asked for real: its price comes from another script, so it must not count
      // as a failure.
      if (answer instanceof ScriptFault && place?.isAhead) return;
      this.remember(netMinor === givenMinor ? key : keyOf(ctxText, netMinor, text), answer);
      this.count(answer);
    });
    return answers;
  }

  // A fault of the script is pure and will recur. A fault of the machine may not, so it is not cached.
  private remember(key: string | Input | undefined, answer: Answered): void {
    const mayPass = answer instanceof ScriptFault && MAY_PASS.has(answer.code);
    if (!mayPass && typeof key === 'string') this.answers.set(key, answer);
  }

  private count(answer: Answered): void {
    // It was not asked.
    if (answer instanceof ScriptFault && answer.code === 'suspended') return;
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

/** The cache key of an input in a context, and its text. */
interface Identity {
  readonly ctxText: string;
  readonly showsLines: boolean;
  /** Long inputs are keyed by identity, because hashing them costs more than a hit saves. */
  readonly key: string | Input;
  readonly text: string;
}

// Scripts with the same input share its text, which is made and hashed once.
const identities = new WeakMap<Input, Identity>();

/** Undefined for an input that is not cached. */
function keyOf(ctxText: string, netMinor: number, text: string): string | undefined {
  return text.length > REMEMBERED_CHARS_MAX ? undefined : `${ctxText}${netMinor} ${text}`;
}

function missesLines(answer: Answered | undefined): boolean {
  return answer instanceof ScriptFault && answer.code === 'lines-missed';
}
