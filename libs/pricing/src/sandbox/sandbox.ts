import { InvalidRules } from '../failures.ts';
import { deepFreeze } from '../freeze.ts';
import { metaProblems } from '../engine/meta.ts';
import { sha256 as hashOf } from '../sha256.ts';
import { compile } from './compile.ts';
import { InvalidSource } from './failures.ts';
import { Pool } from './pool.ts';
import { Script } from './script.ts';
import { ScriptFault } from './script-fault.ts';
import { encodeCtx, encodeInput, encodeList, encodeParams } from './questions.ts';
import type { Runtime } from '@aisle/std';
import type {
  ActiveStrategy, BasketInput, LineInput, Meta, PricingContext,
} from '../strategy.ts';
import type { Answered, ScriptVersion } from './script.ts';

/** How a sandbox is set up. */
export interface SandboxOptions {
  readonly runtime: Runtime;
  /** Threads that answer; two more stand by for scripts that are suspect, and for threads that these cost. 2 unless given. */
  readonly workers?: number;
  /** A version took itself out of service; wherever it is in force, something else should be. */
  readonly onRetired?: (version: ScriptVersion, fault: ScriptFault) => void;
}

/** An input, and when and where it is priced. */
export interface Trial {
  readonly input: LineInput | BasketInput;
  readonly context: PricingContext;
}

/**
 * Runs strategies that are scripts: in worker threads, each version in a context and a memory of its
 * own, without a clock, chance, I/O or sight of another script. Whatever a script does, it ends as a
 * `ScriptFault` on its version, and its neighbours go on.
 */
export class Sandbox {
  private readonly held = new Map<string, Script>();
  private readonly onRetired: NonNullable<SandboxOptions['onRetired']>;
  private readonly pool: Pool;

  private constructor(pool: Pool, onRetired: NonNullable<SandboxOptions['onRetired']>) {
    this.pool = pool;
    this.onRetired = onRetired;
  }

  /** Starts the worker threads; `close` ends them. */
  static async start({ runtime, workers = 2, onRetired }: SandboxOptions): Promise<Sandbox> {
    const pool = await Pool.start({
      runtime, workers,
      endless: (sha256) => sandbox.held.get(sha256)?.blame(new ScriptFault('killed')),
      unrepeatable: (sha256) => sandbox.held.get(sha256)?.retireFor(new ScriptFault('unrepeatable')),
    });
    const sandbox = new Sandbox(pool, onRetired ?? (() => undefined));
    return sandbox;
  }

  /**
   * Compiles a source and asks it, once, what it is. Throws `strategy.source` when it does not
   * compile or cannot be evaluated, `pricing.rules` naming everything that is wrong with its meta.
   */
  async read(source: string): Promise<ScriptVersion> {
    const code = await compile(source);
    const sha256 = hashOf(source);
    const meta = metaOf(await this.describe(sha256, code));
    const problems = metaProblems(meta, 'meta');
    if (problems.length > 0) throw new InvalidRules(problems);
    return { sha256, code, meta: deepFreeze(meta as Meta) };
  }

  /**
   * The version as a strategy for a rule set. All strategies of one version share its memory of
   * answers, until `keep` lets go of it.
   */
  strategy(version: ScriptVersion, previous?: ActiveStrategy): ActiveStrategy {
    const script = this.scriptOf(version);
    return {
      meta: version.meta,
      sha256: version.sha256,
      price: (input, ctx) => script.price(input, ctx),
      ask: (inputs, ctx, places) => script.ask(inputs, ctx, places),
      ...(previous === undefined ? {} : { previous }),
    };
  }

  /** Asks a version in a context that nothing has touched, in order; nothing is remembered of it. */
  try({ sha256, code, meta }: ScriptVersion, trials: readonly Trial[]): Promise<Answered[]> {
    const calls = trials.map(({ input, context }) => ({
      ctx: encodeCtx(context), inputs: encodeList(meta.kind, [encodeInput(input)]), netsMinor: Float64Array.of(input.netMinor),
    }));
    return this.pool.askFresh({ sha256, code, kind: meta.kind, stack: meta.stack, params: encodeParams(meta) }, calls);
  }

  /** Forgets what is remembered of all versions but these; rule sets that hold others still work. */
  keep(hashes: ReadonlySet<string>): void {
    for (const sha256 of this.held.keys()) if (!hashes.has(sha256)) this.held.delete(sha256);
  }

  /** Ends the worker threads; what is being asked fails with `sandbox.closed`. */
  close(): Promise<void> {
    return this.pool.close();
  }

  private scriptOf(version: ScriptVersion): Script {
    const known = this.held.get(version.sha256);
    if (known) return known;
    const script = new Script(this.pool, version, (fault) => this.onRetired(version, fault));
    this.held.set(version.sha256, script);
    return script;
  }

  private async describe(sha256: string, code: string): Promise<string> {
    try {
      return await this.pool.describe({ sha256, code });
    } catch (thrown) {
      if (!(thrown instanceof ScriptFault)) throw thrown;
      const { message, text } = thrown;
      throw new InvalidSource([text === '' ? message : `${message}: ${text}`]);
    }
  }
}

function metaOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
