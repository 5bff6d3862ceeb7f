import { mulDiv } from '../money.ts';
import { ReturnFailure } from './tax-failures.ts';
import type { Rounding } from '../strategy.ts';

/** A line as it was sold: its share of everything, and its whole quantity in steps. */
export interface SoldLine {
  readonly steps: number;
  /** The sum that was paid for the line, with tax. */
  readonly totalMinor: number;
  readonly taxMinor: number;
}

/** An amount that is given back. */
export interface ReturnedPart {
  readonly netMinor: number;
  readonly taxMinor: number;
  readonly totalMinor: number;
}

/** Everything that was given back for a line so far. */
export interface GivenBack {
  readonly steps: number;
  readonly totalMinor: number;
  readonly taxMinor: number;
}

const NOTHING: GivenBack = Object.freeze({ steps: 0, totalMinor: 0, taxMinor: 0 });

/**
 * The part of a sale that is given back for more returned steps: round(S × k / q) for all k steps that are then returned, less what was
 * given so far, for the total and its tax alike. The net is the difference. Parts of any sizes sum to the sale when all is returned.
 * Throws `return.too_much` and `return.operand`.
 */
export function returnedPart(sold: SoldLine, steps: number, given: GivenBack = NOTHING, rounding: Rounding = 'half-up'): ReturnedPart {
  requireSteps('sold', sold.steps, 1);
  requireSteps('given', given.steps, 0);
  requireSteps('steps', steps, 1);
  const returned = given.steps + steps;
  if (returned > sold.steps) throw ReturnFailure.tooMuch(sold.steps, given.steps, steps);
  const totalMinor = mulDiv(sold.totalMinor, returned, sold.steps, rounding) - given.totalMinor;
  const taxMinor = mulDiv(sold.taxMinor, returned, sold.steps, rounding) - given.taxMinor;
  return { netMinor: totalMinor - taxMinor, taxMinor, totalMinor };
}

function requireSteps(operand: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least) throw ReturnFailure.operand(operand, `a whole number, at least ${least}`);
}
