import { money } from '../money.ts';
import { coversContext } from './scope.ts';
import type { ActiveStrategy, Ctx, PricingContext } from '../strategy.ts';
import type { CompiledScope, Moment } from './scope.ts';

/** A strategy of the rule set with its scope made ready. */
export interface Rule {
  readonly strategy: ActiveStrategy;
  readonly scope: CompiledScope;
  readonly previous: Rule | undefined;
}

/** A rule in force in one context; whether it covers a product is asked product by product. */
export interface Candidate {
  readonly strategy: ActiveStrategy;
  readonly scope: CompiledScope;
  readonly ctx: Ctx;
  readonly previous: Candidate | undefined;
}

/** One place in a phase: a single candidate, or all members of a best-of group. */
export type Step = readonly [Candidate, ...Candidate[]];

/**
 * The rules in force for a market and currency. It holds for one calendar day between two instants
 * at which some rule begins or ends, so the rules are sifted once a day and not once a line.
 */
export interface Selection {
  readonly id: number;
  readonly lineSteps: readonly Step[];
  readonly basketSteps: readonly Step[];
  holds(moment: Moment): boolean;
}

/** `rules` must be in the order of their phase: priority descending, then name. */
export function select(
  id: number, rules: readonly Rule[], context: PricingContext, moment: Moment,
): Selection {
  const candidates = rules
    .map((rule) => candidate(rule, context, moment))
    .filter((found) => found !== undefined);
  const ofKind = (kind: 'line' | 'basket'): Candidate[] =>
    candidates.filter(({ strategy }) => strategy.meta.kind === kind);

  const needsTime = candidates.some(({ strategy, previous }) =>
    strategy.meta.needsTime || previous?.strategy.meta.needsTime);
  const [sinceMs, untilMs] = periodAround(rules, moment);
  const { now, date } = moment;
  return {
    id,
    lineSteps: steps(ofKind('line')),
    basketSteps: steps(ofKind('basket')),
    holds: (other) => needsTime
      ? other.now === now
      : other.date === date && other.ms >= sinceMs && other.ms < untilMs,
  };
}

function candidate(
  rule: Rule, context: PricingContext, moment: Moment,
): Candidate | undefined {
  if (!coversContext(rule.scope, context, moment)) return undefined;
  const { strategy, scope, previous } = rule;
  const ctx = Object.freeze({
    now: strategy.meta.needsTime ? moment.now : moment.date,
    market: context.market,
    currency: context.currency,
    params: strategy.meta.params,
    money,
  });
  return { strategy, scope, ctx, previous: previous && candidate(previous, context, moment) };
}

function steps(candidates: readonly Candidate[]): Step[] {
  const groups = new Map<string, [Candidate, ...Candidate[]]>();
  const found: Step[] = [];
  for (const member of candidates) {
    const { group } = member.strategy.meta;
    const known = group === undefined ? undefined : groups.get(group);
    if (known) {
      known.push(member);
      continue;
    }
    const step: [Candidate, ...Candidate[]] = [member];
    if (group !== undefined) groups.set(group, step);
    found.push(step);
  }
  return found;
}

function periodAround(rules: readonly Rule[], moment: Moment): [sinceMs: number, untilMs: number] {
  let sinceMs = -Infinity;
  let untilMs = Infinity;
  const every = rules.flatMap((rule) => rule.previous ? [rule, rule.previous] : [rule]);
  for (const bound of every.flatMap(({ scope }) => [scope.from, scope.until])) {
    if (bound === undefined || 'date' in bound) continue;
    if (bound.ms <= moment.ms) sinceMs = Math.max(sinceMs, bound.ms);
    else untilMs = Math.min(untilMs, bound.ms);
  }
  return [sinceMs, untilMs];
}
