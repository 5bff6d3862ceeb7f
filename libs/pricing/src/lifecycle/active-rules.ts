import { fnv1a } from '@aisle/std';
import { builtIn } from '../built-ins/built-in.ts';
import { problemsOf } from '../engine/meta.ts';
import { createRuleSet } from '../engine/rule-set.ts';
import { PricingFailure } from '../failures.ts';
import { Memo } from '../memo.ts';
import { reasonOf } from './readable.ts';
import { isUsable, versionOf } from './strategy-record.ts';
import type { BuiltInConfig, BuiltInName } from '../built-ins/built-in.ts';
import type { RuleSet } from '../engine/rule-set.ts';
import type { ActiveStrategy, Meta } from '../strategy.ts';
import type { BuiltInRecord, ScriptRecord, StoredVersion, StrategyRecord } from './strategy-record.ts';
import type { StoredStrategies } from './strategy-store.ts';

/** Makes a strategy of a script version; `Sandbox.strategy` is one. */
export type ScriptStrategyOf = (version: ScriptRecord, previous?: ActiveStrategy) => ActiveStrategy;

/** A version, or a whole strategy, that is not in force because its stored row cannot be read. */
export interface UnreadableStrategy {
  readonly strategy: string;
  /** Null if it is the strategy's own row. */
  readonly version: string | null;
  readonly reason: string;
}

interface Canary {
  readonly name: string;
  readonly percent: number;
  readonly strategy: ActiveStrategy;
}

/** A version that is computed but not charged. */
export interface Shadow {
  readonly name: string;
  readonly version: string;
  /** The basket's own rules, with this version in place of its strategy's active one. */
  readonly rules: RuleSet;
}

/** The bound on rule sets with different canaries. Each basket uses one of them. */
const RULE_SETS_MAX = 64;
const PARTS = 10_000;

/**
 * The rules in force at one revision: the active versions, with canaries for their part of the keys. Immutable: a
 * change of rules makes another instance. Only unreadable versions are left out.
 */
export class ActiveRules {
  readonly revision: number;
  /** The versions that were left out, with reasons. */
  readonly unreadable: readonly UnreadableStrategy[];
  private readonly active: ReadonlyMap<string, ActiveStrategy>;
  private readonly canaries: readonly Canary[];
  private readonly shadows: readonly ActiveStrategy[];
  private readonly ruleSets = new Memo<RuleSet>(RULE_SETS_MAX);
  private readonly shadowRules = new Memo<readonly Shadow[]>(RULE_SETS_MAX);

  /** `scriptOf` is called for scripts only. Configured built-ins run in process. */
  constructor({ revision, strategies }: StoredStrategies, scriptOf: ScriptStrategyOf) {
    const versions = new Versions(scriptOf);
    const active = new Map<string, ActiveStrategy>();
    const shadows: ActiveStrategy[] = [];
    const canaries: Canary[] = [];
    for (const record of strategies) {
      const { name, canary, shadow } = record;
      versions.noteUnreadable(record);
      const current = versions.active(record);
      if (current) active.set(name, current);
      const tried = canary && versions.strategy(record, canary.version, current);
      if (tried) canaries.push({ name, percent: canary.percent, strategy: tried });
      const shadowed = shadow === undefined ? undefined : versions.strategy(record, shadow, current);
      if (shadowed) shadows.push(shadowed);
    }
    this.revision = revision;
    this.unreadable = versions.unreadable;
    this.active = active;
    this.canaries = canaries;
    this.shadows = shadows;
  }

  /** True if any version is in shadow. */
  get hasShadows(): boolean {
    return this.shadows.length > 0;
  }

  /**
   * The rules for one canary key, such as a customer or a basket. A key stays on its side of a canary unless the
   * percentage falls. Without a key no canary applies.
   */
  ruleSetFor(key: string | undefined): RuleSet {
    const chosen = this.chosenFor(key);
    const names = namesOf(chosen);
    const known = this.ruleSets.get(names);
    if (known) return known;
    const rules = this.ruleSetOf(chosen.map(({ strategy }) => strategy));
    this.ruleSets.set(names, rules);
    return rules;
  }

  /** For each shadow, the rules of one canary key with that shadow active. */
  shadowsFor(key: string | undefined): readonly Shadow[] {
    const chosen = this.chosenFor(key);
    const names = namesOf(chosen);
    const known = this.shadowRules.get(names);
    if (known) return known;
    const shadows = this.shadows.map((shadow): Shadow => {
      const { name, version } = shadow.meta;
      return { name, version, rules: this.ruleSetOf([...chosen.map(({ strategy }) => strategy), shadow]) };
    });
    this.shadowRules.set(names, shadows);
    return shadows;
  }

  private chosenFor(key: string | undefined): readonly Canary[] {
    if (key === undefined) return [];
    return this.canaries.filter(({ name, percent }) => partOf(`${name} ${key}`) < percent * 100);
  }

  /** The active versions, with these in place of the ones with the same names. The last of a name counts. */
  private ruleSetOf(others: readonly ActiveStrategy[]): RuleSet {
    const strategies = new Map(this.active);
    for (const strategy of others) strategies.set(strategy.meta.name, strategy);
    return createRuleSet(this.revision, [...strategies.values()]);
  }
}

/** Makes strategies of stored versions, and collects the unreadable ones. */
class Versions {
  readonly unreadable: UnreadableStrategy[] = [];
  private readonly scriptOf: ScriptStrategyOf;

  constructor(scriptOf: ScriptStrategyOf) {
    this.scriptOf = scriptOf;
  }

  noteUnreadable({ name: strategy, unreadable = [] }: StrategyRecord): void {
    for (const { version, reason } of unreadable) this.unreadable.push({ strategy, version, reason });
  }

  /** The active version, with the one before it as fallback. */
  active(record: StrategyRecord<StoredVersion>): ActiveStrategy | undefined {
    if (record.active === undefined) return undefined;
    const before = record.before.findLast((version) => isUsable(record, version));
    return this.strategy(record, record.active, before === undefined ? undefined : this.strategy(record, before));
  }

  strategy(record: StrategyRecord<StoredVersion>, version: string, previous?: ActiveStrategy): ActiveStrategy | undefined {
    const { name: strategy, unreadable } = record;
    if (unreadable?.some((each) => each.version === version)) return undefined;
    try {
      const stored = versionOf(record, version);
      const made = stored.use === undefined ? this.scriptOf(stored, previous) : builtInOf(stored, previous);
      const problems = problemsOf(made, strategy);
      if (problems.length > 0) throw PricingFailure.rules(problems);
      return made;
    } catch (thrown) {
      // One unreadable strategy must not affect the others, whatever its fault.
      this.unreadable.push({ strategy, version, reason: reasonOf(thrown) });
      return undefined;
    }
  }
}

function builtInOf({ use, meta, sha256 }: BuiltInRecord, previous: ActiveStrategy | undefined): ActiveStrategy {
  const { contract: _contract, kind: _kind, ...config } = meta as Meta & { params: BuiltInConfig['params'] };
  return { ...builtIn(use as BuiltInName, config), sha256, ...(previous === undefined ? {} : { previous }) };
}

function namesOf(chosen: readonly Canary[]): string {
  return chosen.map(({ name }) => name).join();
}

/** Maps a text to one of ten thousand parts. */
function partOf(text: string): number {
  const hash = fnv1a(text);
  // The low bits depend too little on short texts.
  return (Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 0) % PARTS;
}
