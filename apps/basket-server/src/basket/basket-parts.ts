// Values that both baskets and their events contain.
import type { LineChoice, MergeMode, Precondition, Unit } from '@aisle/contracts';
import type { AppliedAdjustment, PricedLine, SkippedRule } from '@aisle/pricing';

/** One product in a basket: the choice, the price and the rules that made the price. */
export interface Line extends PricedLine, Readonly<LineChoice> {
  readonly name: string;
  /** The unit whose steps the quantity counts; absent for products that are sold by the piece. */
  readonly unit?: Unit | undefined;
  /** The market no longer sells the product; the unit price is the last one. */
  readonly unavailable?: true;
}

/** The tax of a line on its net and its share of the basket's adjustments. */
export interface TaxedLine {
  readonly category: string;
  /** The percentage. */
  readonly rate: string;
  readonly netMinor: number;
  readonly taxMinor: number;
}

/** The taxes of a basket's lines, in the order of the lines; null for a line whose rate was not known. */
export interface BasketTaxes {
  readonly pricesInclude: boolean;
  readonly lines: readonly (TaxedLine | null)[];
}

/** The result of the basket phase over the lines. */
export interface BasketPrice {
  readonly adjustments: readonly AppliedAdjustment[];
  readonly skipped: readonly SkippedRule[];
  /** The sum to pay. */
  readonly totalMinor: number;
  /** Undefined in a market without taxes. */
  readonly taxes?: BasketTaxes | undefined;
  /** A strategy failed on a line or on the whole basket. Its discount is missing, or comes from its previous version. */
  readonly degraded: boolean;
}

/** Revisions of the catalogue and the rules by which a basket was priced. A newer revision of either reprices the whole basket. */
export interface Revisions {
  readonly catalogue: number;
  readonly rules: number;
}

/** A merge of one basket into another. Its id is the id of the command; its precondition applies to the other basket. */
export interface Merge extends Precondition {
  readonly mergeId: string;
  /** The other basket, in the same market. */
  readonly into: string;
  readonly mode: MergeMode;
}
