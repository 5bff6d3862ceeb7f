import { fnv1a } from '@aisle/std';
import { builtIn } from '../built-ins/built-in.ts';
import { problemsOf } from '../engine/meta.ts';
import { createRuleSet } from '../engine/rule-set.ts';
import { InvalidRules } from '../failures.ts';
import { Memo } from '../memo.ts';
import { reasonOf } from './readable.ts';
import { isUsable, versionOf } from './strategy-record.ts';
import type { BuiltInConfig, BuiltInName } from '../built-ins/built-in.ts';
import type { RuleSet } from '../engine/rule-set.ts';
import type { ActiveStrategy, Meta } from '../strategy.ts';
import type { BuiltInRecord, ScriptRecord, StoredVersion, StrategyRecord } from './strategy-record.ts';
import type { StoredStrategies } from './strategy-store.ts';

/** How a script becomes a strategy: `Sandbox.strategy` is one. */
export type ScriptStrategyOf = (version: ScriptRecord, previous?: ActiveStrategy) => ActiveStrategy;

/** A version, or a whole strategy, that is not in force because its stored row cannot be read. */
export interface UnreadableStrategy {
  readonly strategy: string;
  /** Null when it is the strategy's own row. */
  readonly version: string | null;
  readonly reason: string;
}

interface Canary {
  readonly name: string;
  readonly percent: number;
  readonly strategy: ActiveStrategy;
}

/** A version that is computed and not charged. */
export interface Shadow {
  readonly name: string;
  readonly version: string;
  /** The basket's own rules, with this version in its strategy's place. */
  readonly rules: RuleSet;
}

/** Rule sets that differ in their canaries; each basket meets one of them. */
const RULE_SETS_MAX = 64;
const PARTS = 10_000;

/**
 * The rules in force at one revision: the active versions, with each canary in its place for its part of the keys.
 * Immutable; a change of rules makes another instance. Only versions that cannot be read are left out.
 */
export class ActiveRules {
  readonly revision: number;
  /** The versions that were left out, and why. */
  readonly unreadable: readonly UnreadableStrategy[];
  private readonly active: ReadonlyMap<string, ActiveStrategy>;
  private readonly canaries: readonly Canary[];
  private readonly shadows: readonly ActiveStrategy[];
  private readonly ruleSets = new Memo<RuleSet>(RULE_SETS_MAX);
  private readonly shadowRules = new Memo<readonly Shadow[]>(RULE_SETS_MAX);

  /** `scriptOf` is asked for scripts alone; configured built-ins run in process. */
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

  /** Whether any version is in the shadow. */
  get hasShadows(): boolean {
    return this.shadows.length > 0;
  }

  /**
   * The rules for one canary key, such as a customer or a basket. A key stays on its side of a canary for as long as the
   * percentage does not fall. Without a key no canary applies.
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

  /** The rules for one canary key if a shadow were active, for each shadow alone. */
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

  /** What is active, with these in the places of their names; the last of a name stands. */
  private ruleSetOf(others: readonly ActiveStrategy[]): RuleSet {
    const strategies = new Map(this.active);
    for (const strategy of others) strategies.set(strategy.meta.name, strategy);
    return createRuleSet(this.revision, [...strategies.values()]);
  }
}

/** Makes strategies of stored versions, and collects the versions that cannot be read. */
class Versions {
  readonly unreadable: UnreadableStrategy[] = [];
  private readonly scriptOf: ScriptStrategyOf;

  constructor(scriptOf: ScriptStrategyOf) {
    this.scriptOf = scriptOf;
  }

  noteUnreadable({ name: strategy, unreadable = [] }: StrategyRecord): void {
    for (const { version, reason } of unreadable) this.unreadable.push({ strategy, version, reason });
  }

  /** The active version, with the one before it as its fallback. */
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
      if (problems.length > 0) throw new InvalidRules(problems);
      return made;
    } catch (thrown) {
      // One strategy that cannot be read must not stop the others, whatever its fault is.
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

/** Cuts texts to ten thousand parts. */
function partOf(text: string): number {
  const hash = fnv1a(text);
  // Its low bits know little of short texts.
  return (Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 0) % PARTS;
}
