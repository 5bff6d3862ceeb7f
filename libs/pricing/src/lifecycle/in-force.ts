import { createRuleSet } from '../engine/rule-set.ts';
import { Memo } from '../memo.ts';
import { versionOf } from './strategy-record.ts';
import type { RuleSet } from '../engine/rule-set.ts';
import type { ActiveStrategy } from '../strategy.ts';
import type { ScriptRecord, StrategyRecord } from './strategy-record.ts';
import type { StoredStrategies } from './strategy-store.ts';

/** How a version becomes a strategy: `Sandbox.strategy` is one. */
export type StrategyOf = (version: ScriptRecord, previous?: ActiveStrategy) => ActiveStrategy;

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
 * The rules in force at one revision: what is active, with each canary in its place for the baskets
 * it is for. Immutable; a change of rules is another one of these. Throws `pricing.rules` as
 * `createRuleSet` does.
 */
export class InForce {
  readonly revision: number;
  private readonly active: ReadonlyMap<string, ActiveStrategy>;
  private readonly canaries: readonly Canary[];
  private readonly shadows: readonly ActiveStrategy[];
  private readonly ruleSets = new Memo<RuleSet>(RULE_SETS_MAX);
  private readonly shadowRules = new Memo<readonly Shadow[]>(RULE_SETS_MAX);

  /** `builtIns` are always in force, unless a strategy bears the same name. */
  constructor(
    { revision, strategies }: StoredStrategies,
    strategyOf: StrategyOf,
    builtIns: readonly ActiveStrategy[] = [],
  ) {
    const active = new Map(builtIns.map((builtIn) => [builtIn.meta.name, builtIn]));
    const shadows: ActiveStrategy[] = [];
    const canaries: Canary[] = [];
    for (const record of strategies) {
      const current = activeOf(record, strategyOf);
      if (current) active.set(record.name, current);
      const { name, canary, shadow } = record;
      if (canary) {
        const strategy = strategyOf(versionOf(record, canary.version), current);
        canaries.push({ name, percent: canary.percent, strategy });
      }
      if (shadow !== undefined) shadows.push(strategyOf(versionOf(record, shadow), current));
    }
    this.revision = revision;
    this.active = active;
    this.canaries = canaries;
    this.shadows = shadows;
  }

  /** Whether any version is in the shadow. */
  get hasShadows(): boolean {
    return this.shadows.length > 0;
  }

  /** The rules for one basket: the same for as long as a canary's percentage does not fall. */
  ruleSetFor(basketId: string): RuleSet {
    const chosen = this.chosenFor(basketId);
    const key = keyOf(chosen);
    const known = this.ruleSets.get(key);
    if (known) return known;
    const rules = this.ruleSetOf(chosen.map(({ strategy }) => strategy));
    this.ruleSets.set(key, rules);
    return rules;
  }

  /** What one basket would be priced by if a shadow were active, for each of them alone. */
  shadowsFor(basketId: string): readonly Shadow[] {
    const chosen = this.chosenFor(basketId);
    const key = keyOf(chosen);
    const known = this.shadowRules.get(key);
    if (known) return known;
    const shadows = this.shadows.map((shadow): Shadow => {
      const { name, version } = shadow.meta;
      return { name, version, rules: this.ruleSetOf([...chosen.map(({ strategy }) => strategy), shadow]) };
    });
    this.shadowRules.set(key, shadows);
    return shadows;
  }

  private chosenFor(basketId: string): readonly Canary[] {
    return this.canaries.filter(({ name, percent }) => partOf(`${name} ${basketId}`) < percent * 100);
  }

  /** What is active, with these in the places of their names; the last of a name stands. */
  private ruleSetOf(others: readonly ActiveStrategy[]): RuleSet {
    const strategies = new Map(this.active);
    for (const strategy of others) strategies.set(strategy.meta.name, strategy);
    return createRuleSet(this.revision, [...strategies.values()]);
  }
}

function keyOf(chosen: readonly Canary[]): string {
  return chosen.map(({ name }) => name).join();
}

/** What is active, with what was active before it to fall back to. */
function activeOf(record: StrategyRecord<ScriptRecord>, strategyOf: StrategyOf): ActiveStrategy | undefined {
  if (record.active === undefined) return undefined;
  const before = record.before
    .map((version) => versionOf(record, version))
    .findLast(({ retired }) => retired === undefined);
  return strategyOf(versionOf(record, record.active), before && strategyOf(before));
}

/** FNV-1a, 32 bits, cut to ten thousand parts. */
function partOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0;
  }
  // Its low bits know little of short texts.
  return (Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 0) % PARTS;
}
