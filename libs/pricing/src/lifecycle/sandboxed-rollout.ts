import { builtIn } from '../built-ins/built-in.ts';
import { PricingFailure } from '../failures.ts';
import { currencyProblems } from './currency.ts';
import { StrategyFailure } from './failures.ts';
import { reachProblems } from './reach.ts';
import { StrategyRollout, type Change, type Loaded, type StrategyRolloutOptions } from './strategy-rollout.ts';
import { withValidated } from './strategy-record.ts';
import { inProcess } from './try-built-in.ts';
import { validate, type Validation } from './validate.ts';
import type { BuiltInConfig, BuiltInName } from '../built-ins/built-in.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import type { ScriptVersion } from '../sandbox/script.ts';
import type { Meta } from '../strategy.ts';
import type { StoredVersion } from './strategy-record.ts';

/** The dependencies of `SandboxedRollout`. */
export interface SandboxedRolloutOptions extends StrategyRolloutOptions {
  readonly sandbox: Pick<Sandbox, 'read' | 'try' | 'admit'>;
}

const PASSED: Validation = { passed: true, problems: [] };

/** All changes of strategies, including those that read a source or try a version, which need a sandbox. */
export class SandboxedRollout extends StrategyRollout {
  private readonly sandbox: SandboxedRolloutOptions['sandbox'];

  constructor({ sandbox, ...options }: SandboxedRolloutOptions) {
    super(options);
    this.sandbox = sandbox;
  }

  /**
   * Loads a source as a draft. The same source again is `unchanged`. Throws `strategy.source`, `pricing.rules`,
   * `sandbox.busy`, and `strategy.version-taken` for a known version with other bytes.
   */
  async load(source: string, change: Change): Promise<Loaded> {
    const { sha256, code, meta } = await this.sandbox.admit(() => this.read(source));
    return this.add({
      version: meta.version, sha256, source, code, meta,
      createdAtMs: this.runtime.clock.nowMs(), createdBy: change.by, validated: false,
    }, change);
  }

  /** Validates a source without storing it. Throws `strategy.source`, `pricing.rules`, `sandbox.busy`. */
  async check(source: string): Promise<Validation & { readonly meta: Meta }> {
    return this.sandbox.admit(async () => {
      const script = await this.read(source);
      return { meta: script.meta, ...await validate(this.sandbox, script) };
    });
  }

  /**
   * Runs the version's tests and its budget. A built-in may have no tests. A version that passes becomes `validated`.
   * Throws `strategy.missing`, `strategy.unreadable`, `sandbox.busy`.
   */
  async validate(name: string, version: string, change: Change): Promise<Validation> {
    const found = await this.store.version(name, version);
    if (!found) throw StrategyFailure.missing(name, version);
    const validation = await this.try(found);
    if (!validation.passed) {
      const details = { problems: validation.problems };
      await this.store.note(this.entry(change, { action: 'refused', name, version, details }));
    } else if (!found.validated) {
      await this.change(name, change, { action: 'validated', version, apply: (record) => withValidated(record, version) });
    }
    return validation;
  }

  private async try(stored: StoredVersion): Promise<Validation> {
    if (stored.use === undefined) return this.sandbox.admit(() => validate(this.sandbox, stored));
    const { meta, sha256, use } = stored;
    if (meta.tests.length === 0) return PASSED;
    const strategy = builtIn(use as BuiltInName, meta as Meta & Pick<BuiltInConfig, 'params'>);
    return validate(inProcess(strategy), { sha256, code: '', meta });
  }

  private async read(source: string): Promise<ScriptVersion> {
    const script = await this.sandbox.read(source);
    const problems = [...currencyProblems(script.meta), ...reachProblems(script.meta)].map((problem) => `meta.${problem}`);
    if (problems.length > 0) throw PricingFailure.rules(problems);
    return script;
  }
}
