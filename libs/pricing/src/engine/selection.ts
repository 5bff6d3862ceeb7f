import { moneyFor } from '../money.ts';
import { coversContext, coversItem, coversPlace } from './scope.ts';
import type { ActiveStrategy, Ctx, Item, Meta, PricingContext, Rounding } from '../strategy.ts';
import type { CompiledScope, Moment } from './scope.ts';

/** A strategy of the rule set with its compiled scope. */
export interface Rule {
  readonly strategy: ActiveStrategy;
  readonly scope: CompiledScope;
  readonly previous: Rule | undefined;
}

/** A rule in force in one context. Its scope of products is evaluated per product. */
export interface Candidate {
  readonly strategy: ActiveStrategy;
  readonly scope: CompiledScope;
  readonly ctx: Ctx;
  readonly previous: Candidate | undefined;
}

/** One step of a phase: a single candidate, or all members of a best-of group. */
export type SelectionStep = readonly [Candidate, ...Candidate[]];

/** A period without changes, from `sinceMs` (inclusive) to `untilMs` (exclusive). */
export interface Period {
  readonly sinceMs: number;
  readonly untilMs: number;
}

/**
 * The rules in force for a market and currency. They hold within one calendar day, between two instants at which a rule
 * begins or ends. If a rule depends on the time of day, they hold for one minute or second.
 */
export interface Selection {
  readonly rounding: Rounding;
  readonly lineSteps: readonly SelectionStep[];
  readonly basketSteps: readonly SelectionStep[];
  /** Until its end no price changes unless the rules or the products change. */
  readonly period: Period;
  holds(moment: Moment): boolean;
  /** Equal for selections under which a line of this product has the same price. */
  idFor(item: Item): number;
}

/** The number of a text. Equal texts have equal numbers. */
export type Numbering = (text: string) => number;

const MINUTE_MS = 60_000;
const SECOND_MS = 1_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** `rules` must be in the order of their phase: priority descending, then name. */
export function select(
  rules: readonly Rule[], context: PricingContext, moment: Moment, numberOf: Numbering,
): Selection {
  const candidates = rules
    .map((rule) => candidate(rule, context, moment))
    .filter((found) => found !== undefined);
  const ofKind = (kind: 'line' | 'basket'): Candidate[] =>
    candidates.filter(({ strategy }) => strategy.meta.kind === kind);

  const { market, currency, rounding = 'half-up' } = context;
  const day = periodAround(rules.filter(({ scope }) => coversPlace(scope, context)), moment, context.day);
  const period = candidates.reduce((longest, { strategy, previous }) =>
    within(within(longest, moment, strategy), moment, previous?.strategy), day);
  const { offsetMs } = moment;
  const id = (of: Period): number =>
    numberOf(`${of.sinceMs} ${of.untilMs} ${offsetMs} ${rounding} ${market.length}:${market}${currency}`);
  const [ofDay, ofPeriod] = [id(day), id(period)];
  const timed = ofKind('line').flatMap((each) => (each.previous ? [each, each.previous] : [each])).filter(looksAtTime);
  return {
    rounding,
    lineSteps: steps(ofKind('line')),
    basketSteps: steps(ofKind('basket')),
    period,
    holds: (other) => other.offsetMs === offsetMs && other.ms >= period.sinceMs && other.ms < period.untilMs,
    idFor: (item) => (timed.some(({ scope }) => coversItem(scope, item)) ? ofPeriod : ofDay),
  };
}

/** The part of a period in which a strategy gets the same time. */
function within({ sinceMs, untilMs }: Period, { ms }: Moment, strategy: ActiveStrategy | undefined): Period {
  const stepMs = strategy && STEPS_MS.get(strategy.meta.needsTime);
  if (stepMs === undefined) return { sinceMs, untilMs };
  const begunMs = Math.floor(ms / stepMs) * stepMs;
  return { sinceMs: Math.max(sinceMs, begunMs), untilMs: Math.min(untilMs, begunMs + stepMs) };
}

const STEPS_MS = new Map<Meta['needsTime'], number>([[true, MINUTE_MS], ['second', SECOND_MS]]);

function looksAtTime({ strategy }: Candidate): boolean {
  return STEPS_MS.has(strategy.meta.needsTime);
}

/** The time that a strategy gets: a date, or an instant cut to the precision that it asked for. */
function timeFor({ needsTime }: Meta, { now, date }: Moment): string {
  if (!needsTime) return date;
  const offset = now.slice(now.endsWith('Z') ? -1 : -6);
  const seconds = needsTime === 'second' && now[16] === ':' ? now.slice(16, 19) : ':00';
  return `${now.slice(0, 16)}${seconds}${offset}`;
}

function candidate(
  rule: Rule, context: PricingContext, moment: Moment,
): Candidate | undefined {
  if (!coversContext(rule.scope, context, moment)) return undefined;
  const { strategy, scope, previous } = rule;
  const ctx = ctxOf(strategy.meta, context, moment);
  return { strategy, scope, ctx, previous: previous && candidate(previous, context, moment) };
}

/** The context that a strategy gets. */
export function ctxOf(meta: Meta, { market, currency, rounding = 'half-up' }: PricingContext, moment: Moment): Ctx {
  return Object.freeze({
    now: timeFor(meta, moment), market, currency, rounding, params: meta.params, money: moneyFor(rounding),
  });
}

function steps(candidates: readonly Candidate[]): SelectionStep[] {
  const groups = new Map<string, [Candidate, ...Candidate[]]>();
  const found: SelectionStep[] = [];
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

/** The day of a moment, cut at the instants where one of these rules begins or ends. */
function periodAround(rules: readonly Rule[], { ms, offsetMs }: Moment, day: PricingContext['day']): Period {
  const midnightMs = Math.floor((ms + offsetMs) / DAY_MS) * DAY_MS - offsetMs;
  let { sinceMs, untilMs } = day ?? { sinceMs: midnightMs, untilMs: midnightMs + DAY_MS };
  const every = rules.flatMap((rule) => (rule.previous ? [rule, rule.previous] : [rule]));
  for (const bound of every.flatMap(({ scope }) => [scope.from, scope.until])) {
    if (bound === undefined || 'date' in bound) continue;
    if (bound.ms <= ms) sinceMs = Math.max(sinceMs, bound.ms);
    else untilMs = Math.min(untilMs, bound.ms);
  }
  return { sinceMs, untilMs };
}
