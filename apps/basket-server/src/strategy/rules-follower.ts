import type { RuleSet } from '@aisle/pricing';
import {
  ActiveRules, StrategyFailure, type ScriptStrategyOf, type Shadow, type StoredStrategies,
  type StoredVersion, type StrategyRecord, type StrategyStore, type UnreadableStrategy,
} from '@aisle/pricing/lifecycle';
import type { LazySandbox } from './lazy-sandbox.ts';

/** The parts that a `RulesFollower` uses. */
export interface RulesFollowerOptions {
  readonly store: StrategyStore;
  readonly sandbox: LazySandbox;
  readonly onFailed: (error: unknown) => void;
}

// Revision 1 priced baskets before there were strategies, so the store's revision 0 is 1 here.
const FIRST_REVISION = 1;
/** The number of earlier revisions in memory; each may cache thousands of priced lines. */
const PAST_MAX = 8;

/**
 * Follows the rules by which this server prices. New rules are a new value, and a command keeps those that it began with.
 * After a failed read the present rules stay, and the next read tries again. A stored strategy that cannot be read is
 * left out.
 */
export class RulesFollower {
  private current = new ActiveRules({ revision: FIRST_REVISION, strategies: [] }, noScript);
  private last: Promise<void> = Promise.resolve();
  private stopWatching: () => void = () => undefined;
  private readonly changeListeners: ((unreadable: readonly UnreadableStrategy[]) => void)[] = [];
  /** Earlier rules by revision, least recently used first. */
  private readonly past = new Map<number, Promise<ActiveRules>>();

  constructor(private readonly options: RulesFollowerOptions) {}

  /** Calls `listener` after each change of the rules, with the stored strategies that cannot be read and so are not in force. */
  onChange(listener: (unreadable: readonly UnreadableStrategy[]) => void): void {
    this.changeListeners.push(listener);
  }

  /** Reads the rules in force, and then follows their changes. Throws if the first read fails. */
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

  /** The rules for one canary key; without a key no canary applies. */
  ruleSetFor(key: string | undefined): RuleSet {
    return this.current.ruleSetFor(key);
  }

  get hasShadows(): boolean {
    return this.current.hasShadows;
  }

  /** For each shadow alone, the rules for one canary key if it were active. */
  shadowsFor(key: string | undefined): readonly Shadow[] {
    return this.current.shadowsFor(key);
  }

  /**
   * The rules of an earlier revision, as baskets and orders record it. Throws `strategy.revision-unknown` for a future
   * revision, and for one before the history of strategies.
   */
  async at(revision: number): Promise<ActiveRules> {
    if (revision === this.current.revision) return this.current;
    const known = this.past.get(revision);
    const rules = known ?? this.readAt(revision);
    this.past.delete(revision);
    this.past.set(revision, rules);
    if (this.past.size > PAST_MAX) this.past.delete([...this.past.keys()][0]!);
    return rules;
  }

  /** Reads changes now; other servers follow within their own interval. */
  refresh(): Promise<void> {
    this.last = this.last.then(() => this.read()).catch(this.options.onFailed);
    return this.last;
  }

  /** The rules with this version active, for a simulation. Throws `strategy.missing` and `strategy.unreadable`. */
  async supposing(name: string, version: string): Promise<ActiveRules> {
    const { store } = this.options;
    const stored = await store.version(name, version);
    if (!stored) throw StrategyFailure.missing(name, version);
    const { revision, strategies } = await store.read();
    const others = strategies.filter((record) => record.name !== name);
    const present = strategies.find((record) => record.name === name);
    const supposed: StrategyRecord<StoredVersion> = {
      name, kind: stored.meta.kind, revision, active: version,
      versions: [stored, ...(present?.versions ?? []).filter((each) => each.version !== version)],
      before: [...(present?.before ?? []), present?.active].filter((each): each is string => each !== undefined && each !== version),
    };
    return this.activeRulesOf({ revision, strategies: [...others, supposed] });
  }

  private async read(): Promise<void> {
    const { store, sandbox } = this.options;
    const stored = await store.read();
    if (stored.revision + FIRST_REVISION <= this.current.revision) return;
    this.current = await this.activeRulesOf(stored);
    if (hasScripts(stored)) (await sandbox.get()).keep(hashesOf(stored));
    for (const listener of this.changeListeners) listener(this.current.unreadable);
  }

  private async readAt(revision: number): Promise<ActiveRules> {
    try {
      return await this.activeRulesOf(await this.options.store.readAt(revision - FIRST_REVISION));
    } catch (thrown) {
      // The next call tries again.
      this.past.delete(revision);
      throw thrown;
    }
  }

  private async activeRulesOf(stored: StoredStrategies): Promise<ActiveRules> {
    const scriptOf = hasScripts(stored) ? await this.scriptOf() : noScript;
    return new ActiveRules({ ...stored, revision: stored.revision + FIRST_REVISION }, scriptOf);
  }

  private async scriptOf(): Promise<ScriptStrategyOf> {
    const sandbox = await this.options.sandbox.get();
    return (version, previous) => sandbox.strategy(version, previous);
  }
}

function hasScripts({ strategies }: StoredStrategies): boolean {
  return strategies.some(({ versions }) => versions.some(({ use }) => use === undefined));
}

function hashesOf({ strategies }: StoredStrategies): Set<string> {
  return new Set(strategies.flatMap(({ versions }) => versions.map(({ sha256 }) => sha256)));
}

function noScript(): never {
  throw new Error('these rules have no script, so no sandbox was started for them');
}
