import { isInAny } from '../category-path.ts';
import { PricingFailure } from '../failures.ts';
import type { Item, PricingContext, QuantityUnit, Scope } from '../strategy.ts';

/** A bound of a period: a day of the market's calendar, or an instant. */
export type Bound = { readonly date: string } | { readonly ms: number };

/** A scope in a form that is fast to evaluate. An absent part does not restrict. */
export interface CompiledScope {
  readonly markets: ReadonlySet<string> | undefined;
  readonly currencies: ReadonlySet<string> | undefined;
  readonly skus: ReadonlySet<string> | undefined;
  readonly categories: ReadonlySet<string> | undefined;
  readonly excludedCategories: ReadonlySet<string> | undefined;
  readonly excludedSkus: ReadonlySet<string> | undefined;
  readonly daysOfWeek: ReadonlySet<number> | undefined;
  readonly from: Bound | undefined;
  readonly until: Bound | undefined;
}

/** `now`, parsed: the instant, and the market's calendar day. */
export interface Moment {
  readonly now: string;
  readonly ms: number;
  readonly date: string;
  /** The offset of the market's clock from UTC. */
  readonly offsetMs: number;
}

const DATE = /^\d{4}-\d\d-\d\d$/;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/;

export function compileScope(scope: Scope): CompiledScope {
  return {
    markets: scope.markets && new Set(scope.markets),
    currencies: scope.currencies && new Set(scope.currencies),
    skus: scope.skus && new Set(scope.skus),
    categories: scope.categories && new Set(scope.categories),
    excludedCategories: scope.excludedCategories && new Set(scope.excludedCategories),
    excludedSkus: scope.excludedSkus && new Set(scope.excludedSkus),
    daysOfWeek: scope.daysOfWeek && new Set(scope.daysOfWeek),
    from: scope.from === undefined ? undefined : readBound(scope.from),
    until: scope.until === undefined ? undefined : readBound(scope.until),
  };
}

/** Undefined if the text is neither a calendar date nor an instant with offset. */
export function readBound(text: string): Bound | undefined {
  if (DATE.test(text)) return isCalendarDate(text) ? { date: text } : undefined;
  const ms = readInstant(text);
  return ms === undefined ? undefined : { ms };
}

/** Throws `pricing.input` if `now` is not an ISO 8601 instant with an offset or `Z`. */
export function readMoment(now: string): Moment {
  const ms = typeof now === 'string' ? readInstant(now) : undefined;
  if (ms === undefined) throw PricingFailure.input('now', 'an ISO 8601 instant with its offset');
  return { now, ms, date: now.slice(0, 10), offsetMs: offsetOf(now) };
}

function offsetOf(now: string): number {
  if (now.endsWith('Z')) return 0;
  const [hours, minutes] = [Number(now.slice(-5, -3)), Number(now.slice(-2))];
  return (now.at(-6) === '-' ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

/** True if the scope includes this context's market and currency. */
export function coversPlace(scope: CompiledScope, { market, currency }: PricingContext): boolean {
  return (scope.markets?.has(market) ?? true) && (scope.currencies?.has(currency) ?? true);
}

/** True if the scope includes this context's market, currency and time. */
export function coversContext(
  scope: CompiledScope, context: PricingContext, moment: Moment,
): boolean {
  return coversPlace(scope, context)
    && (scope.daysOfWeek?.has(weekdayOf(moment)) ?? true)
    && (scope.from === undefined || hasBegun(scope.from, moment))
    && (scope.until === undefined || !hasEnded(scope.until, moment));
}

/** True if the scope includes this product. */
export function coversItem(scope: CompiledScope, item: Item): boolean {
  return (scope.skus === undefined || scope.skus.has(item.sku))
    && (scope.categories === undefined || isInAny(scope.categories, item.category))
    && (scope.excludedSkus === undefined || !scope.excludedSkus.has(item.sku))
    && (scope.excludedCategories === undefined || !isInAny(scope.excludedCategories, item.category));
}

/** Whether a value from outside is a unit of quantities. */
export function isUnit(value: unknown): value is QuantityUnit {
  if (typeof value !== 'object' || value === null) return false;
  const { code, scale } = value as Partial<QuantityUnit>;
  return typeof code === 'string' && code !== '' && Number.isInteger(scale) && (scale as number) >= 0 && (scale as number) <= 3;
}

function weekdayOf({ date }: Moment): number {
  return new Date(`${date}T00:00:00Z`).getUTCDay() || 7;
}

function hasBegun(from: Bound, moment: Moment): boolean {
  return 'date' in from ? moment.date >= from.date : moment.ms >= from.ms;
}

function hasEnded(until: Bound, moment: Moment): boolean {
  return 'date' in until ? moment.date > until.date : moment.ms >= until.ms;
}

function readInstant(text: string): number | undefined {
  if (!INSTANT.test(text) || !isCalendarDate(text.slice(0, 10))) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}

// JavaScript's parser reads the 30th of February as the 2nd of March.
function isCalendarDate(date: string): boolean {
  const day = Number(date.slice(8, 10));
  const month = Number(date.slice(5, 7));
  if (day >= 1 && day <= 28 && month >= 1 && month <= 12) return true;
  const ms = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(date);
}
