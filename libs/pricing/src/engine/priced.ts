import type { Adjustment, Item, Skip } from '../strategy.ts';

/** A recorded price change: amount, reason, and the exact version of the code. */
export interface AppliedAdjustment extends Adjustment {
  readonly strategy: string;
  readonly version: string;
  readonly sha256: string;
}

/**
 * The reason why a rule in scope did not apply. Besides the strategies' own codes: `exclusive` (another rule ended the
 * phase), `best-of` (another rule of its group is at least as good), `already-free` (nothing was left to take off),
 * `failed` (it broke the contract, and the price is degraded).
 */
export interface SkippedRule extends Skip {
  readonly strategy: string;
  readonly version: string;
}

/** A line with an explained price. Frozen, and shared by all callers that price the same line. */
export interface PricedLine extends Item {
  /** List price times quantity, rounded once for a quantity in steps. */
  readonly grossMinor: number;
  readonly adjustments: readonly AppliedAdjustment[];
  readonly skipped: readonly SkippedRule[];
  /** Gross plus adjustments; never below zero. */
  readonly netMinor: number;
  /** True if a strategy failed. Its previous version, or the price without it, replaced it. */
  readonly degraded: boolean;
}

/** A price change of the whole basket, and its split over the lines. */
export interface BasketAdjustment extends AppliedAdjustment {
  /** One share per line, in the order of `lines`. They sum to `amountMinor` exactly. */
  readonly sharesMinor: readonly number[];
}

/** A basket with an explained price: line nets plus adjustments are the total. */
export interface PricedBasket {
  /** The lines as passed in. */
  readonly lines: readonly PricedLine[];
  readonly adjustments: readonly BasketAdjustment[];
  readonly skipped: readonly SkippedRule[];
  readonly grossMinor: number;
  /** Never below zero. */
  readonly totalMinor: number;
  /** True if a line, or a basket strategy, is degraded. */
  readonly degraded: boolean;
}
