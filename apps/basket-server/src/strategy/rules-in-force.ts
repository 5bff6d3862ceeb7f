import type { RuleSet } from '@aisle/pricing';
import {
  ActiveRules, StrategyFailure, type ScriptStrategyOf, type Shadow, type StoredStrategies,
  type StoredVersion, type StrategyRecord, type StrategyStore, type UnreadableStrategy,
} from '@aisle/pricing/lifecycle';
import type { LazySandbox } from './lazy-sandbox.ts';

export interface RulesInForceOptions {
  readonly store: StrategyStore;
  readonly sandbox: LazySandbox;
  readonly onFailed: (error: unknown) => void;
  /** Receives, after each change, the stored strategies that cannot be read and so are not in force. */
  readonly onRead?: (unreadable: readonly UnreadableStrategy[]) => void;
}

// Baskets were priced under revision 1 before there were strategies.
const FIRST_REVISION = 1;
/** Earlier revisions kept in memory; each may hold thousands of priced lines. */
const PAST_MAX = 8;

/**
 * The rules by which this server prices. They are swapped between two turns: a command keeps those that it
 * began with. When a change cannot be read, what is in force stays, and the next look tries again; a single strategy
 * that cannot be read is left out of it.
 */
export class RulesInForce {
  private readonly options: RulesInForceOptions;
  private current = new ActiveRules({ revision: FIRST_REVISION, strategies: [] }, noScript);
  private last: Promise<void> = Promise.resolve();
  private stopWatching: () => void = () => undefined;
  /** By revision, least recently asked first. */
  private readonly past = new Map<number, Promise<ActiveRules>>();

  constructor(options: RulesInForceOptions) {
    this.options = options;
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

  /** The rules for one canary key; without a key no canary applies. */
  ruleSetFor(key: string | undefined): RuleSet {
    return this.current.ruleSetFor(key);
  }

  get hasShadows(): boolean {
    return this.current.hasShadows;
  }

  /** The rules for one canary key if a shadow were active, for each shadow alone. */
  shadowsFor(key: string | undefined): readonly Shadow[] {
    return this.current.shadowsFor(key);
  }

  /**
   * The rules in force at an earlier revision, as baskets and orders record it. Throws `strategy.revision-unknown` for a
   * future revision, and for one from before the history of strategies.
   */
  async at(revision: number): Promise<ActiveRules> {
    if (revision === this.current.revision) return this.current;
    const known = this.past.get(revision);
    const asked = known ?? this.readAt(revision);
    this.past.delete(revision);
    this.past.set(revision, asked);
    if (this.past.size > PAST_MAX) this.past.delete([...this.past.keys()][0]!);
    return asked;
  }

  /** Brings this server up to date, at once; others follow within their poll. */
  refresh(): Promise<void> {
    this.last = this.last.then(() => this.read()).catch(this.options.onFailed);
    return this.last;
  }

  /** The rules as they would be with this version active. Throws `strategy.missing`, `strategy.unreadable`. */
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
    return this.inForceOf({ revision, strategies: [...others, supposed] });
  }

  private async read(): Promise<void> {
    const { store, sandbox, onRead } = this.options;
    const stored = await store.read();
    if (stored.revision + FIRST_REVISION <= this.current.revision) return;
    this.current = await this.inForceOf(stored);
    if (hasScripts(stored)) (await sandbox.get()).keep(hashesOf(stored));
    onRead?.(this.current.unreadable);
  }

  private async readAt(revision: number): Promise<ActiveRules> {
    try {
      return await this.inForceOf(await this.options.store.readAt(revision - FIRST_REVISION));
    } catch (thrown) {
      // The next call tries again.
      this.past.delete(revision);
      throw thrown;
    }
  }

  private async inForceOf(stored: StoredStrategies): Promise<ActiveRules> {
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
  throw new Error('there are no scripts');
}
