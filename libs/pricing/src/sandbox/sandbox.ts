import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { PricingFailure } from '../failures.ts';
import { deepFreeze } from '../freeze.ts';
import { jsonProblems, metaProblems } from '../engine/meta.ts';
import { readMoment } from '../engine/scope.ts';
import { ctxOf } from '../engine/selection.ts';
import { sha256 as hashOf } from '../sha256.ts';
import { compile } from './compile.ts';
import { SandboxFailure } from './failures.ts';
import { Pool } from './pool.ts';
import { Script, codeOf } from './script.ts';
import { ScriptFault } from './script-fault.ts';
import { Trials } from './trials.ts';
import { encodeCtx, encodeInput, encodeList } from './questions.ts';
import { compileWasm } from './web-assembly.ts';
import { answersIn } from './wire.ts';
import type { Runtime } from '@aisle/std';
import type {
  ActiveStrategy, BasketInput, LineInput, Meta, PricingContext,
} from '../strategy.ts';
import type { Answered, ScriptVersion } from './script.ts';

/** The settings of a sandbox. */
export interface SandboxOptions {
  readonly runtime: Runtime;
  /**
   * Threads that answer; 2 by default. Two more stand by, for suspected scripts and to replace lost threads. Another
   * one comes and goes with the reading and trying of scripts.
   */
  readonly workers?: number;
  /** A version retired itself; the caller should replace it wherever it is in force. */
  readonly onRetired?: (version: ScriptVersion, fault: ScriptFault) => void;
}

const PROBLEMS_MAX = 20;

/** An input with its pricing context. */
export interface Trial {
  readonly input: LineInput | BasketInput;
  readonly context: PricingContext;
}

/**
 * Runs strategies that are scripts, in worker threads. Each version has a context of its own, without a clock, random
 * numbers, I/O or access to another script. Any misbehaviour ends as a `ScriptFault` of its version, and
 * its neighbours go on.
 */
export class Sandbox {
  private readonly held = new Map<string, Script>();
  private readonly onRetired: NonNullable<SandboxOptions['onRetired']>;
  private readonly runtime: Runtime;
  private readonly pool: Pool;
  private readonly trials: Trials;

  private constructor({ runtime, workers = 2, onRetired }: SandboxOptions, wasm: WebAssembly.Module) {
    this.runtime = runtime;
    this.onRetired = onRetired ?? (() => undefined);
    this.trials = new Trials(runtime, wasm);
    this.pool = Pool.start({
      runtime, workers,
      endless: (sha256) => this.held.get(sha256)?.blame(new ScriptFault('killed')),
    }, wasm);
  }

  /** Starts the worker threads; `close` ends them. */
  static async start(options: SandboxOptions): Promise<Sandbox> {
    const { resolve } = createRequire(import.meta.url);
    const bytes = await readFile(resolve('@jitl/quickjs-ng-wasmfile-release-sync/wasm'));
    return new Sandbox(options, await compileWasm(bytes));
  }

  /** Runs work that reads and tries scripts of strangers, one at a time. Throws `sandbox.busy` if too many wait. */
  admit<T>(work: () => Promise<T>): Promise<T> {
    return this.trials.admit(work);
  }

  /**
   * Compiles a source and reads its meta, once. Throws `strategy.source` if it does not compile or cannot be evaluated,
   * and `pricing.rules`, which names every fault of its meta.
   */
  async read(source: string): Promise<ScriptVersion> {
    const code = await compile(source, this.runtime);
    const sha256 = hashOf(source);
    const meta = metaOf(await this.describe(sha256, code));
    const problems = [...jsonProblems(meta, 'meta'), ...metaProblems(meta, 'meta')];
    if (problems.length > 0) throw PricingFailure.rules(problems.slice(0, PROBLEMS_MAX));
    return { sha256, code, meta: deepFreeze(meta as Meta) };
  }

  /**
   * The version as a strategy for a rule set. All strategies of one version share its cache of answers, until `keep`
   * drops it.
   */
  strategy(version: ScriptVersion, previous?: ActiveStrategy): ActiveStrategy {
    const script = this.scriptOf(version);
    return {
      meta: version.meta,
      sha256: version.sha256,
      price: (input, ctx) => script.price(input, ctx),
      ask: (inputs, ctx, places, asker) => script.ask(inputs, ctx, places, asker),
      ...(previous === undefined ? {} : { previous }),
    };
  }

  /** Asks a version in a fresh context, in order, with the checks of live prices. Nothing is cached. */
  async try(version: ScriptVersion, trials: readonly Trial[]): Promise<Answered[]> {
    const calls = trials.map(({ input, context }) => ({
      ctx: encodeCtx(ctxOf(version.meta, context, readMoment(context.now))),
      inputs: encodeList(version.meta.kind, [encodeInput(input)]), netsMinor: [input.netMinor],
    }));
    const parts = await this.trials.ask(codeOf(version), calls);
    return parts.flatMap(answersIn);
  }

  /** Drops the caches of all versions except these. Rule sets with other versions still work. */
  keep(hashes: ReadonlySet<string>): void {
    for (const sha256 of this.held.keys()) if (!hashes.has(sha256)) this.held.delete(sha256);
    this.pool.keep(hashes);
  }

  /** Ends the worker threads. Pending questions fail with `sandbox.closed`. */
  async close(): Promise<void> {
    await Promise.all([this.pool.close(), this.trials.close()]);
  }

  private scriptOf(version: ScriptVersion): Script {
    const known = this.held.get(version.sha256);
    if (known) return known;
    const script = new Script(this.pool, version, (fault) => this.onRetired(version, fault));
    this.held.set(version.sha256, script);
    return script;
  }

  private async describe(sha256: string, code: string): Promise<string> {
    const [part] = await this.trials.ask({ sha256, code, kind: 'line', stack: 'stack', surcharge: false, params: '' }, []);
    if (part && 'meta' in part) return part.meta;
    const { message, text } = part && 'fault' in part ? new ScriptFault(part.fault, part.text) : new ScriptFault('threw');
    throw SandboxFailure.sourceInvalid([text === '' ? message : `${message}: ${text}`]);
  }
}

function metaOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
