import type { ActiveStrategy, RuleSet } from '@aisle/pricing';
import { InForce, StrategyMissing, type ScriptRecord, type Shadow, type StrategyRecord, type StrategyStore } from '@aisle/pricing/lifecycle';
import type { LazySandbox } from './lazy-sandbox.ts';

export interface RulesInForceOptions {
  readonly store: StrategyStore;
  readonly sandbox: LazySandbox;
  /** In force unless a strategy bears the same name. */
  readonly builtIns: readonly ActiveStrategy[];
  readonly onFailed: (error: unknown) => void;
}

// Baskets were priced under revision 1 before there were strategies.
const FIRST_REVISION = 1;

/**
 * The rules by which this server prices. They are swapped between two turns: a command keeps those that it
 * began with. When a change cannot be read, what is in force stays, and the next look tries again.
 */
export class RulesInForce {
  private readonly options: RulesInForceOptions;
  private current: InForce;
  private last: Promise<void> = Promise.resolve();
  private stopWatching: () => void = () => undefined;

  constructor(options: RulesInForceOptions) {
    this.options = options;
    this.current = new InForce({ revision: FIRST_REVISION, strategies: [] }, never, options.builtIns);
  }

  /** Reads what is in force, and from now on follows it. */
  async start(): Promise<void> {
    await this.read();
    this.stopWatching = this.options.store.watch(() => void this.refresh());
  }

  async stop(): Promise<void> {
    this.stopWatching();
    await this.last;
  }

  get revision(): number {
    return this.current.revision;
  }

  /** The rules for one basket. */
  ruleSetFor(basketId: string): RuleSet {
    return this.current.ruleSetFor(basketId);
  }

  get hasShadows(): boolean {
    return this.current.hasShadows;
  }

  /** The rules for one basket if a shadow were active, for each shadow alone. */
  shadowsFor(basketId: string): readonly Shadow[] {
    return this.current.shadowsFor(basketId);
  }

  /** Brings this server up to date, at once; others follow within their poll. */
  refresh(): Promise<void> {
    this.last = this.last.then(() => this.read()).catch(this.options.onFailed);
    return this.last;
  }

  /** The rules as they would be with this version active. Throws `strategy.missing`. */
  async supposing(name: string, version: string): Promise<RuleSet> {
    const { store } = this.options;
    const script = await store.script(name, version);
    if (!script) throw new StrategyMissing(name, version);
    const { revision, strategies } = await store.read();
    const others = strategies.filter((record) => record.name !== name);
    const present = strategies.find((record) => record.name === name);
    const supposed = {
      name, kind: script.meta.kind, revision, active: version,
      versions: [script, ...(present?.versions ?? []).filter((each) => each.version !== version)],
      before: [...(present?.before ?? []), present?.active].filter((each): each is string => each !== undefined && each !== version),
    };
    const inForce = await this.inForceOf(revision, [...others, supposed]);
    return inForce.ruleSetFor('');
  }

  private async read(): Promise<void> {
    const { store, sandbox } = this.options;
    const { revision, strategies } = await store.read();
    if (revision + FIRST_REVISION <= this.current.revision) return;
    this.current = await this.inForceOf(revision, strategies);
    if (strategies.length > 0) (await sandbox.get()).keep(hashesOf(strategies));
  }

  private async inForceOf(revision: number, strategies: readonly StrategyRecord<ScriptRecord>[]): Promise<InForce> {
    const { sandbox, builtIns } = this.options;
    const strategyOf = strategies.length === 0 ? never : await this.strategyOf(sandbox);
    return new InForce({ revision: revision + FIRST_REVISION, strategies }, strategyOf, builtIns);
  }

  private async strategyOf(lazy: LazySandbox): Promise<ConstructorParameters<typeof InForce>[1]> {
    const sandbox = await lazy.get();
    return (version, previous) => sandbox.strategy(version, previous);
  }
}

function hashesOf(strategies: readonly StrategyRecord<ScriptRecord>[]): Set<string> {
  return new Set(strategies.flatMap(({ versions }) => versions.map(({ sha256 }) => sha256)));
}

function never(): never {
  throw new Error('there are no strategies');
}
