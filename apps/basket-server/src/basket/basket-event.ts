import type { BasketPrice, Line, Merge, Revisions } from './basket-parts.ts';
import type { Notice } from './notice.ts';

/** Every accepted command is one event, so that a basket's versions have no gap. */
export type BasketEvent =
  | BasketChanged | BasketRepriced | BasketAbsorbed | BasketRestored | BasketCheckedOut | BasketSealed | BasketStepped
  | BasketExpired;

export interface BasketChanged extends BasketPrice {
  readonly type: 'changed';
  /** The lines that are new or different, in the order in which they entered. */
  readonly lines: readonly Line[];
  readonly removed: readonly string[];
  readonly revisions: Revisions;
  readonly notices: readonly Notice[];
  readonly atMs: number;
}

/** Somebody looked at the basket, and its prices were no longer those in force. */
export interface BasketRepriced {
  readonly type: 'repriced';
  readonly change: BasketChanged;
}

/** The lines of a rejected order came back. */
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
  /** Every line as it was ordered, and what all of them came to. */
  readonly change: BasketChanged;
  /** As in `OrderPrice`. */
  readonly sharesMinor: readonly number[];
}

/** An event that leaves the lines alone, or takes them all away. */
export interface Beside {
  readonly atMs: number;
  /** The basket's total, which the event leaves as it is or takes to 0. */
  readonly totalMinor: number;
}

/** From here on the lines stand still, until the other basket has taken or declined them. */
export interface BasketSealed extends Beside {
  readonly type: 'sealed';
  readonly merge: Merge;
}

/** The end of a merge: of this basket into the other one, or not; or the other one is not taken in. */
export interface BasketStepped extends Beside {
  readonly type: 'merged' | 'unsealed' | 'declined';
  readonly other: string;
}

/** Nobody touched the basket for so long that its lines are gone. */
export interface BasketExpired extends Beside {
  readonly type: 'expired';
}
