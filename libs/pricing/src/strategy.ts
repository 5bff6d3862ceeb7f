// The strategy contract, version 1: what a script or a built-in is given, and what it answers.
// Money is always an integer number of minor units; the currency travels in the context.

/** What JSON can carry. */
export type Json =
  | string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/**
 * `half-up` and `up` round away from zero, `down` towards it, `half-even` to the even neighbour:
 * the modes of `java.math.RoundingMode`, so a refund rounds as its sale did.
 */
export type Rounding = 'half-up' | 'half-even' | 'down' | 'up';

/** Exact arithmetic on minor units; `money` is the implementation strategies are given. */
export interface MoneyMath {
  /** `amountMinor * numerator / denominator`, rounded once: as the context says, unless told. */
  mulDiv(
    amountMinor: number, numerator: number, denominator: number, rounding?: Rounding,
  ): number;
  /** Splits a total in proportion to weights, by largest remainder; the parts sum exactly. */
  allocate(totalMinor: number, weights: readonly number[]): number[];
}

/** A part of a line's units that shares one expiry date. */
export interface Lot {
  readonly lot: string;
  readonly quantity: number;
  /** A calendar date, `YYYY-MM-DD`. */
  readonly expiresOn: string;
}

/** One product with its whole quantity, at list price. */
export interface Item {
  readonly sku: string;
  readonly quantity: number;
  readonly unitPriceMinor: number;
  readonly category?: string | undefined;
  readonly attributes?: Readonly<Record<string, Json>> | undefined;
  readonly lots?: readonly Lot[] | undefined;
}

/** What a line strategy sees, frozen. */
export interface LineInput extends Item {
  /** What the line costs after the strategies before this one. */
  readonly netMinor: number;
}

/** What a basket strategy sees, frozen: the lines in its scope, ordered by SKU, and their sums. */
export interface BasketInput {
  readonly lines: readonly LineInput[];
  readonly grossMinor: number;
  readonly netMinor: number;
  readonly coupons: readonly string[];
}

/** When and where something is priced. */
export interface PricingContext {
  /** ISO 8601 with an offset or `Z`; the date written in it is the market's own calendar day. */
  readonly now: string;
  readonly market: string;
  /** ISO 4217. */
  readonly currency: string;
  /** How amounts are rounded where a rule does not say otherwise; `half-up` unless given. */
  readonly rounding?: Rounding | undefined;
}

/** How long an asker waits for a script that did not end: a keystroke some 40 ms, a checkout some 1.5 s. */
export type Patience = 'keystroke' | 'checkout';

/** A context in which scripts may have to be asked. */
export interface AskingContext extends PricingContext {
  /** No part of the price: who is more patient gets a fallback price less often. `keystroke` unless given. */
  readonly patience?: Patience | undefined;
}

/** The patience of one asker, for all that it asks: one object, so that its waits are not added up. */
export interface Asker {
  readonly patience: Patience;
}

/** The context a strategy is given; `now` is a bare date unless its meta says `needsTime`, and then cut to the minute or second. */
export interface Ctx extends PricingContext {
  readonly rounding: Rounding;
  readonly params: unknown;
  readonly money: MoneyMath;
}

/** A strategy's answer. It is checked before it is believed. */
export interface Priced {
  readonly adjustments: readonly Adjustment[];
  readonly skipped?: readonly Skip[];
}

/** A change of price; negative is cheaper. */
export interface Adjustment {
  readonly code: string;
  readonly amountMinor: number;
  /** How many units it touches, where that means anything. */
  readonly units?: number;
  readonly message: string;
}

/** Why a rule did not apply, or what would make it apply once more. */
export interface Skip {
  readonly code: string;
  readonly reason: string;
  /** This many units more and the rule would apply. */
  readonly unitsNeeded?: number;
}

/** Where a strategy applies. What is absent does not restrict; what is given must all match. */
export interface Scope {
  readonly markets?: readonly string[];
  readonly skus?: readonly string[];
  readonly categories?: readonly string[];
  readonly currencies?: readonly string[];
  /** ISO 8601, inclusive: an instant with its offset, or a date of the market's calendar. */
  readonly from?: string;
  /** ISO 8601: an instant, exclusive, or a date of the market's calendar, which still counts. */
  readonly until?: string;
  /** ISO 8601 weekdays of the market's calendar: 1 is Monday, 7 is Sunday. */
  readonly daysOfWeek?: readonly number[];
}

/** A case that a strategy brings along to prove itself. */
export interface TestCase {
  readonly name: string;
  readonly input: LineInput | BasketInput;
  readonly now?: string;
  readonly expect: { readonly netMinor: number; readonly codes?: readonly string[] };
}

/** What a strategy says about itself. */
export interface Meta {
  readonly contract: 1;
  readonly name: string;
  readonly version: string;
  readonly kind: 'line' | 'basket';
  readonly title: string;
  readonly scope: Scope;
  /** Higher runs earlier; equals run in the order of their names. */
  readonly priority: number;
  /**
   * `exclusive`: once it has applied, the rest of its phase is skipped for that target.
   * `best-of`: only the cheapest of its `group` is kept; the group runs where its first would.
   */
  readonly stack: 'stack' | 'exclusive' | 'best-of';
  readonly group?: string;
  readonly params?: unknown;
  /** May make things dearer (a deposit, a delivery charge). Without it, doing so is a fault. */
  readonly surcharge?: boolean;
  /**
   * Wants the time of day in `ctx.now`, cut to the minute, or to the second if it says so. It is asked anew in each of
   * them, and open baskets of its market are priced anew as often as they are looked at.
   */
  readonly needsTime?: boolean | 'second';
  readonly tests: readonly TestCase[];
}

/** A pure, synchronous pricing rule. */
export interface Strategy {
  readonly meta: Meta;
  price(input: LineInput | BasketInput, ctx: Ctx): Priced;
}

/** A strategy in force: the port behind which a built-in, or a sandboxed script, answers. */
export interface ActiveStrategy {
  readonly meta: Meta;
  /** SHA-256 of what defines it, as 64 lower-case hexadecimal digits. */
  readonly sha256: string;
  /** Asked when this one fails; its own `previous` is not. */
  readonly previous?: ActiveStrategy;
  /** Answers at once; undefined, where there is an `ask`, when it has to be asked first. */
  price(input: LineInput | BasketInput, ctx: Ctx): Priced | undefined;
  /**
   * For a strategy that answers elsewhere: one outcome for each input, in their order; an `Error` is
   * a failure on that input. It never rejects for what the strategy itself does wrong. Where
   * something is asked ahead there is a place for each input; to that it owes no outcome. An asker without
   * patience is answered with a failure sooner.
   */
  ask?(
    inputs: readonly (LineInput | BasketInput)[], ctx: Ctx, places?: readonly QuestionPlace[], asker?: Asker,
  ): Promise<readonly (Priced | Error | undefined)[]>;
}

/** Where a question stands among those that are asked together. */
export interface QuestionPlace {
  /** All questions of a round are asked at once, those of earlier steps first. */
  readonly round: number;
  /** The line or basket of the round that it is about. */
  readonly target: number;
  /**
   * Earlier steps are yet to answer about the target: its net will be what they leave. A strategy that
   * knows it may answer for that net, and remember; `price` is called when the turn has come.
   */
  readonly isAhead: boolean;
}
