import type { Adjustment, Item, Skip } from '../strategy.ts';

/** A change of price as it is recorded: what, how much, why, and by exactly which code. */
export interface AppliedAdjustment extends Adjustment {
  readonly strategy: string;
  readonly version: string;
  readonly sha256: string;
}

/**
 * Why a rule in scope did not apply. Besides the strategies' own codes: `exclusive` (another rule
 * ended the phase), `best-of` (another of its group is at least as good), `already-free` (nothing
 * was left to take off), `failed` (it broke the contract, and the price is degraded).
 */
export interface SkippedRule extends Skip {
  readonly strategy: string;
  readonly version: string;
}

/** A line with its price explained. Frozen, and shared between all who price the same. */
export interface PricedLine extends Item {
  /** List price times quantity. */
  readonly grossMinor: number;
  readonly adjustments: readonly AppliedAdjustment[];
  readonly skipped: readonly SkippedRule[];
  /** Gross plus adjustments; never below zero. */
  readonly netMinor: number;
  /** A strategy failed: its previous version, or the price without it, stands in. */
  readonly degraded: boolean;
}

/** A change of price of the whole basket, and how it falls on the lines. */
export interface BasketAdjustment extends AppliedAdjustment {
  /** One share a line, in the order of `lines`; they sum to `amountMinor` exactly. */
  readonly sharesMinor: readonly number[];
}

/** A basket with its price explained: line nets plus adjustments is the total. */
export interface PricedBasket {
  /** The lines as they were handed in. */
  readonly lines: readonly PricedLine[];
  readonly adjustments: readonly BasketAdjustment[];
  readonly skipped: readonly SkippedRule[];
  readonly grossMinor: number;
  /** Never below zero. */
  readonly totalMinor: number;
  /** True if a line, or a basket strategy, is degraded. */
  readonly degraded: boolean;
}
