import type { BasketPrice, Line, Merge, Revisions } from './basket-parts.ts';
import type { Notice } from './notice.ts';

/** The events of a basket. Every accepted command is exactly one event, so that versions have no gap. */
export type BasketEvent =
  | BasketChanged | BasketRepriced | BasketAbsorbed | BasketRestored | BasketCheckedOut | BasketSealed | BasketMergeEnded
  | BasketExpired;

export interface BasketChanged extends BasketPrice {
  readonly type: 'changed';
  /** New and changed lines, in the order in which they entered. */
  readonly lines: readonly Line[];
  readonly removed: readonly string[];
  readonly revisions: Revisions;
  readonly notices: readonly Notice[];
  readonly atMs: number;
}

/** A read found prices that were no longer in force, and repriced the basket. */
export interface BasketRepriced {
  readonly type: 'repriced';
  readonly change: BasketChanged;
}

/** The lines of a rejected order were put back. */
export interface BasketRestored {
  readonly type: 'restored';
  readonly orderId: string;
  readonly change: BasketChanged;
}

/** The lines of another basket were taken in. */
export interface BasketAbsorbed {
  readonly type: 'absorbed';
  readonly mergeId: string;
  readonly from: string;
  readonly change: BasketChanged;
}

/** All lines became an order, and the basket is empty. */
export interface BasketCheckedOut {
  readonly type: 'checkedOut';
  readonly orderId: string;
  /** Every line as ordered, and the total. */
  readonly change: BasketChanged;
  /** As in `OrderPrice`. */
  readonly sharesMinor: readonly number[];
  /** The opening that it ended; 0 in events that were stored before openings were recorded. */
  readonly opening: number;
}

/** An event without lines: it leaves them as they are, or removes all of them. */
export interface LinelessEvent {
  readonly atMs: number;
  /** The basket's total after the event: unchanged, or 0. */
  readonly totalMinor: number;
}

/** The lines are frozen until the other basket has taken or declined them. */
export interface BasketSealed extends LinelessEvent {
  readonly type: 'sealed';
  readonly merge: Merge;
}

/** The end of a merge: this basket was merged into the other one, reopened, or declined the lines of the other one. */
export interface BasketMergeEnded extends LinelessEvent {
  readonly type: 'merged' | 'unsealed' | 'declined';
  readonly other: string;
}

/** The basket was abandoned, and its lines were removed. */
export interface BasketExpired extends LinelessEvent {
  readonly type: 'expired';
}
