import { mulDiv, quotient } from '../money.ts';
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

/** The changes when a line is settled by another measure than the ordered one. A negative amount is given back. */
export function settlementOf(
  ordered: PricedQuantity, settledSteps: number, rounding: Rounding = 'half-up',
): { readonly steps: number; readonly amountMinor: number } {
  return {
    steps: settledSteps - ordered.steps,
    amountMinor: grossOf({ ...ordered, steps: settledSteps }, rounding) - grossOf(ordered, rounding),
  };
}

/**
 * The steps that a price on a label stands for. They serve the stock alone: the label's price stays the gross of its line. Undefined
 * for a product without a price.
 */
export function stepsOfPrice(
  priceMinor: number, { unitPriceMinor, scale }: Omit<PricedQuantity, 'steps'>, rounding: Rounding = 'half-up',
): number | undefined {
  return unitPriceMinor === 0 ? undefined : mulDiv(priceMinor, 10 ** scale, unitPriceMinor, rounding);
}

/** The content of a piece, in a unit of this size, and the size of the unit for which the shelf says the price. */
export interface Content {
  readonly steps: number;
  readonly scale: number;
  readonly unitSize: number;
  readonly perSize: number;
}

/** The unit price of the shelf: the price of a piece for one unit of size `perSize`, exact, rounded once. */
export function shelfPriceOf(
  priceMinor: number, { steps, scale, unitSize, perSize }: Content, rounding: Rounding = 'half-up',
): number {
  const perUnit = BigInt(priceMinor) * 10n ** BigInt(scale) * BigInt(perSize);
  return quotient(perUnit, BigInt(steps) * BigInt(unitSize), rounding, 'shelfPriceOf');
}
