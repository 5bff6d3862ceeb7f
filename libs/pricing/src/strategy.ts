// The strategy contract, version 1: the inputs and answers of scripts and built-ins. Money is always an integer number
// of minor units. The currency is in the context.

import type { Rounding } from '@aisle/std';

/** A JSON value. */
export type Json =
  | string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export type { Rounding };

/** Exact arithmetic on minor units. `money` is the implementation that strategies get. */
export interface MoneyMath {
  /** `amountMinor * numerator / denominator`, rounded once: by the given mode, or by that of the context. */
  mulDiv(
    amountMinor: number, numerator: number, denominator: number, rounding?: Rounding,
  ): number;
  /** Splits a total in proportion to weights, by largest remainder. The parts sum to the total exactly. */
  allocate(totalMinor: number, weights: readonly number[]): number[];
}

/** Units of a line with one expiry date. */
export interface Lot {
  readonly lot: string;
  readonly quantity: number;
  /** A calendar date, `YYYY-MM-DD`. */
  readonly expiresOn: string;
}

/** The unit in which a product is sold and priced. */
export interface QuantityUnit {
  /** The code of UN/CEFACT Recommendation 20, such as `KGM`. */
  readonly code: string;
  /** Quantities count steps of 10^-`scale`: at scale 3, 1500 of `KGM` are 1.5 kg. */
  readonly scale: number;
}

/** One product with its whole quantity, at list price. */
export interface Item {
  readonly sku: string;
  /** Pieces, or steps of the unit. */
  readonly quantity: number;
  /** The price of a piece, or of one whole unit. */
  readonly unitPriceMinor: number;
  /** Absent for products that are sold by the piece. */
  readonly unit?: QuantityUnit | undefined;
  readonly category?: string | undefined;
  /** The category that decides its tax rate. */
  readonly taxCategory?: string | undefined;
  readonly attributes?: Readonly<Record<string, Json>> | undefined;
  readonly lots?: readonly Lot[] | undefined;
}

/** The input of a line strategy, frozen. */
export interface LineInput extends Item {
  /** The line's price after the earlier strategies. */
  readonly netMinor: number;
}

/** The input of a basket strategy, frozen: the lines in its scope, ordered by SKU, and their sums. */
export interface BasketInput {
  readonly lines: readonly LineInput[];
  readonly grossMinor: number;
  readonly netMinor: number;
  readonly coupons: readonly string[];
}

/** The time, market and currency of a price. */
export interface PricingContext {
  /** ISO 8601 with an offset or `Z`. The date in it is the market's own calendar day. */
  readonly now: string;
  readonly market: string;
  /** ISO 4217. */
  readonly currency: string;
  /** The rounding of amounts for which a rule does not name one; `half-up` by default. */
  readonly rounding?: Rounding | undefined;
  /**
   * The market's calendar day around `now`, from `sinceMs` to `untilMs` (exclusive). Give it where the clock changes in some nights: it
   * then has 23 or 25 hours. Without it, a day has 24 hours at the offset of `now`.
   */
  readonly day?: { readonly sinceMs: number; readonly untilMs: number } | undefined;
}

/** The time that an asker waits for a script that did not end: about 40 ms for a keystroke, about 1.5 s for a checkout. */
export type Patience = 'keystroke' | 'checkout';

/** A context in which scripts may have to be asked. */
export interface AskingContext extends PricingContext {
  /** Not part of the price: a more patient asker gets a fallback price less often. `keystroke` by default. */
  readonly patience?: Patience | undefined;
}

/** The patience that one caller has for all its questions together. Pass the same object each time, so that its waits do not add up. */
export interface Asker {
  readonly patience: Patience;
}

/**
 * The context that a strategy gets. `now` is a bare date, unless its meta says `needsTime`; then it is cut to the
 * minute or second.
 */
export interface Ctx extends Omit<PricingContext, 'day'> {
  readonly rounding: Rounding;
  readonly params: unknown;
  readonly money: MoneyMath;
}

/** A strategy's answer. It is checked before it takes effect. */
export interface Priced {
  readonly adjustments: readonly Adjustment[];
  readonly skipped?: readonly Skip[];
}

/** A price change; a negative amount is cheaper. */
export interface Adjustment {
  readonly code: string;
  readonly amountMinor: number;
  /** The number of units, or of steps, that it concerns, if that has a meaning. */
  readonly units?: number;
  readonly message: string;
}

/** The reason why a rule did not apply, or the step that would make it apply once more. */
export interface Skip {
  readonly code: string;
  readonly reason: string;
  /** The rule would apply with this many units, or steps, more. */
  readonly unitsNeeded?: number;
}

/**
 * The products, places and times to which a strategy applies. An absent part does not restrict; all given parts must
 * match.
 */
export interface Scope {
  readonly markets?: readonly string[];
  readonly skus?: readonly string[];
  /** Categories with all below them: `food` covers `food/dairy`. */
  readonly categories?: readonly string[];
  /** Products of these categories, and below them, are left out. */
  readonly excludedCategories?: readonly string[];
  readonly excludedSkus?: readonly string[];
  readonly currencies?: readonly string[];
  /** ISO 8601, inclusive: an instant with its offset, or a date of the market's calendar. */
  readonly from?: string;
  /** ISO 8601: an instant, exclusive, or a date of the market's calendar, inclusive. */
  readonly until?: string;
  /** ISO 8601 weekdays of the market's calendar: 1 is Monday, 7 is Sunday. */
  readonly daysOfWeek?: readonly number[];
}

/** A test case that a strategy brings along. */
export interface TestCase {
  readonly name: string;
  readonly input: LineInput | BasketInput;
  readonly now?: string;
  readonly expect: { readonly netMinor: number; readonly codes?: readonly string[] };
}

/** A strategy's description of itself. */
export interface Meta {
  readonly contract: 1;
  readonly name: string;
  readonly version: string;
  readonly kind: 'line' | 'basket';
  readonly title: string;
  readonly scope: Scope;
  /** A higher priority runs earlier; equal ones run in order of their names. */
  readonly priority: number;
  /**
   * `exclusive`: once it has applied, the rest of its phase is skipped for that target. `best-of`: only the cheapest of
   * its `group` counts; the group runs in place of its first member.
   */
  readonly stack: 'stack' | 'exclusive' | 'best-of';
  readonly group?: string;
  readonly params?: unknown;
  /** Permits higher prices (a deposit, a delivery charge). Without it, raising a price is a fault. */
  readonly surcharge?: boolean;
  /**
   * Requests the time of day in `ctx.now`, cut to the minute or to the second. The strategy is asked anew in each of
   * them, and open baskets of its market are repriced as often when they are read.
   */
  readonly needsTime?: boolean | 'second';
  readonly tests: readonly TestCase[];
}

/** A pure, synchronous pricing rule. */
export interface Strategy {
  readonly meta: Meta;
  price(input: LineInput | BasketInput, ctx: Ctx): Priced;
}

/** A strategy in force: the port for built-ins and sandboxed scripts. */
export interface ActiveStrategy {
  readonly meta: Meta;
  /** SHA-256 of its definition, as 64 lower-case hexadecimal digits. */
  readonly sha256: string;
  /** The version that is asked when this one fails. The `previous` of that one is not. */
  readonly previous?: ActiveStrategy;
  /** Answers at once. Returns undefined if there is an `ask` that must come first. */
  price(input: LineInput | BasketInput, ctx: Ctx): Priced | undefined;
  /**
   * For a strategy outside the process: one outcome per input, in order; an `Error` is a failure on that input. It
   * never rejects for a fault of the strategy. In a round with speculative questions there is a place for each input,
   * and a speculative input may stay without outcome. An impatient asker gets a failure sooner.
   */
  ask?(
    inputs: readonly (LineInput | BasketInput)[], ctx: Ctx, places?: readonly QuestionPlace[], asker?: Asker,
  ): Promise<readonly (Priced | Error | undefined)[]>;
}

/** The place of a question in a round. */
export interface QuestionPlace {
  /** All questions of a round are asked at once, those of earlier steps first. */
  readonly round: number;
  /** The line or basket of the round that the question is about. */
  readonly target: number;
  /**
   * True if earlier steps still have to answer about the target, so its net will be the one that they leave. A strategy
   * that knows it may compute an answer for that net and cache it. `price` is called when its turn has come.
   */
  readonly isAhead: boolean;
}
