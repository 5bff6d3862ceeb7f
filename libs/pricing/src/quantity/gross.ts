import { mulDiv } from '../money.ts';
import type { Rounding } from '../strategy.ts';

/** A quantity in steps of 10^-`scale` of a unit, and the price of one whole unit. */
export interface PricedQuantity {
  readonly unitPriceMinor: number;
  readonly steps: number;
  readonly scale: number;
}

/**
 * The price of a line before discounts: unit price × steps / 10^scale, exact, rounded once. Throws `money.too-large`.
 */
export function grossOf({ unitPriceMinor, steps, scale }: PricedQuantity, rounding: Rounding = 'half-up'): number {
  return mulDiv(unitPriceMinor, steps, 10 ** scale, rounding);
}
