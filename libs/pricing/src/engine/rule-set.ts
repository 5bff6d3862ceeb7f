import { ROUNDINGS } from '@aisle/std';
import { PricingFailure } from '../failures.ts';
import { deepFreeze } from '../freeze.ts';
import { Memo } from '../memo.ts';
import { problemsOf } from './meta.ts';
import { compileScope, readMoment } from './scope.ts';
import { select } from './selection.ts';
import type { ActiveStrategy, PricingContext } from '../strategy.ts';
import type { PricedLine } from './priced.ts';
import type { Moment } from './scope.ts';
import type { Period, Rule, Selection } from './selection.ts';

const PRICED_LINES_MAX = 16_384;
const SELECTIONS_MAX = 256;
const NUMBERS_MAX = 1_024;

/**
 * The strategies in force under one revision. Immutable except for its caches. Strategies are pure, and their hashes
 * and parameters are fixed here, so a line priced once is priced for good. The caches end with the rule set.
 */
export class RuleSet {
  readonly revision: number;
  readonly strategies: readonly ActiveStrategy[];
  /** True if some strategy may have to be asked; then use `askLines` and `askBasket`. */
  readonly asks: boolean;
  /** @internal By selection and line input. */
  readonly pricedLines = new Memo<PricedLine>(PRICED_LINES_MAX);
  private readonly rules: readonly Rule[];
  private readonly selections = new Memo<Selection>(SELECTIONS_MAX);
  private readonly numbers = new Memo<number>(NUMBERS_MAX);
  private numberCount = 0;
  private moment: Moment | undefined;

  /** @internal Use `createRuleSet`, which validates first. */
  constructor(revision: number, strategies: readonly ActiveStrategy[]) {
    this.revision = revision;
    this.strategies = Object.freeze([...strategies].sort(inPhaseOrder));
    this.asks = strategies.some(({ ask, previous }) => ask !== undefined || previous?.ask !== undefined);
    this.rules = this.strategies.map((strategy) =>
      ruleOf(strategy, strategy.previous && ruleOf(strategy.previous, undefined)));
  }

  /** @internal The rules in force in a context. Throws `pricing.input` for a malformed one. */
  select(context: PricingContext): Selection {
    const { now, market, currency, rounding = 'half-up' } = context;
    if (typeof market !== 'string' || market === '') throw PricingFailure.input('market', 'a name');
    if (typeof currency !== 'string' || currency === '') {
      throw PricingFailure.input('currency', 'a name');
    }
    if (!ROUNDINGS.includes(rounding)) throw PricingFailure.input('rounding', ROUNDINGS.join(', '));
    const moment = this.moment?.now === now ? this.moment : readMoment(now);
    this.moment = moment;
    const key = `${rounding} ${market.length}:${market}${currency}`;
    const known = this.selections.get(key);
    if (known?.holds(moment)) return known;

    const selection = select(this.rules, context, moment, (text) => this.numberOf(text));
    this.selections.set(key, selection);
    return selection;
  }

  /**
   * The period around `now` in which these rules give one price for one basket. Throws `pricing.input` for a malformed
   * context.
   */
  periodOf(context: PricingContext): Period {
    return this.select(context).period;
  }

  private numberOf(text: string): number {
    const known = this.numbers.get(text);
    if (known !== undefined) return known;
    this.numberCount += 1;
    this.numbers.set(text, this.numberCount);
    return this.numberCount;
  }
}

/**
 * Makes a rule set of strategies under a revision, and freezes their metas. Throws `pricing.rules`, whose `problems`
 * name every fault of the revision, the metas and the hashes, and every duplicate name.
 */
export function createRuleSet(revision: number, strategies: readonly ActiveStrategy[]): RuleSet {
  const problems: string[] = [];
  if (!Number.isSafeInteger(revision) || revision < 0) {
    problems.push('revision: expected a whole number, at least 0');
  }
  const names = new Set<string>();
  strategies.forEach((strategy, index) => {
    const found = problemsOf(strategy, `strategies[${index}]`);
    problems.push(...found);
    if (found.length > 0) return;
    if (names.has(strategy.meta.name)) {
      problems.push(`strategies[${index}].meta.name: '${strategy.meta.name}' appears twice`);
    }
    names.add(strategy.meta.name);
  });
  if (problems.length > 0) throw PricingFailure.rules(problems);

  for (const { meta, previous } of strategies) {
    deepFreeze(meta);
    deepFreeze(previous?.meta);
  }
  return new RuleSet(revision, strategies);
}

function ruleOf(strategy: ActiveStrategy, previous: Rule | undefined): Rule {
  return { strategy, scope: compileScope(strategy.meta.scope), previous };
}

function inPhaseOrder(a: ActiveStrategy, b: ActiveStrategy): number {
  return b.meta.priority - a.meta.priority || (a.meta.name < b.meta.name ? -1 : 1);
}
