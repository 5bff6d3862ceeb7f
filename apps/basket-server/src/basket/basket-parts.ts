// Parts of which a basket consists, and its events.
import type { LineChoice, MergeMode, Precondition, Whole } from '@aisle/contracts';
import type { AppliedAdjustment, PricedLine, SkippedRule } from '@aisle/pricing';

/** What a shopper chose of a product. A quantity of 0 takes the line away. */
export type Choice = Whole<LineChoice>;

/** One product in a basket, with all that was chosen of it and why it costs what it costs. */
export interface Line extends PricedLine, Choice {
  readonly name: string;
  /** The market sells it no longer; the unit price is the last one. */
  readonly unavailable?: true;
}

/** The result of the basket phase over the lines. */
export interface BasketPrice {
  readonly adjustments: readonly AppliedAdjustment[];
  readonly skipped: readonly SkippedRule[];
  readonly totalMinor: number;
  /** A strategy failed on a line, or on the whole: there is no discount by it, or one by its version before. */
  readonly degraded: boolean;
}

/** The prices under which a basket stands: a newer revision of either reprices all of it. */
export interface Revisions {
  readonly catalogue: number;
  readonly rules: number;
}

/** One basket on its way into another, under the id of the command that asked for it; the precondition is the other one's. */
export interface Merge extends Precondition {
  readonly mergeId: string;
  /** The other basket, in the same market. */
  readonly into: string;
  readonly mode: MergeMode;
}
