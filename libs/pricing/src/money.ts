import { ROUNDINGS } from '@aisle/std';
import { MoneyFailure } from './failures.ts';
import type { MoneyMath, Rounding } from './strategy.ts';

const MODES: ReadonlySet<string> = new Set(ROUNDINGS);

/** Money arithmetic that rounds half up by default. */
export const money: MoneyMath = Object.freeze({ mulDiv, allocate });

const byRounding = new Map(ROUNDINGS.map((rounding): [Rounding, MoneyMath] => [rounding, rounding === 'half-up' ? money : Object.freeze({
  mulDiv: (amountMinor: number, numerator: number, denominator: number, mode: Rounding = rounding) =>
    mulDiv(amountMinor, numerator, denominator, mode),
  allocate,
})]));

/** The money arithmetic that strategies get as `ctx.money` under this rounding. */
export function moneyFor(rounding: Rounding): MoneyMath {
  return byRounding.get(rounding) ?? money;
}

/**
 * `amountMinor * numerator / denominator`, exact, rounded once. BigInt is used only if the product leaves the safe
 * integers. Throws `money.operand` for operands that are not safe integers or a denominator below 1, and
 * `money.too-large` for an unsafe result.
 */
export function mulDiv(
  amountMinor: number,
  numerator: number,
  denominator: number,
  rounding: Rounding = 'half-up',
): number {
  requireInteger(amountMinor, 'amountMinor');
  requireInteger(numerator, 'numerator');
  requireInteger(denominator, 'denominator', 1);
  if (!MODES.has(rounding)) throw MoneyFailure.operand('rounding', [...MODES].join(', '));

  const product = amountMinor * numerator;
  if (!Number.isSafeInteger(product)) {
    return mulDivLarge(amountMinor, numerator, denominator, rounding);
  }
  const magnitude = Math.abs(product);
  const rest = magnitude % denominator;
  let whole = (magnitude - rest) / denominator;
  // Twice the rest could leave the safe integers.
  if (rest > 0 && goesUp(rest - (denominator - rest), whole % 2 === 1, rounding)) whole += 1;
  return product < 0 && whole > 0 ? -whole : whole;
}

/**
 * Splits `totalMinor`, of either sign, in proportion to `weights` by largest remainder (Hamilton's method). Every part
 * is its exact share rounded up or down, the parts sum to the total, and ties go to the earlier weight. Weights that
 * are all zero count as equal. Throws `money.operand` for weights that are not non-negative safe integers, and for a
 * non-zero total without weights.
 */
export function allocate(totalMinor: number, weights: readonly number[]): number[] {
  requireInteger(totalMinor, 'totalMinor');
  for (const weight of weights) requireInteger(weight, 'weights', 0);
  const weightSum = sum(weights, 'allocate');
  if (weights.length === 0 && totalMinor !== 0) throw MoneyFailure.operand('weights', 'not empty');
  if (weights.length === 0) return [];
  if (weightSum === 0) return allocate(totalMinor, weights.map(() => 1));

  const magnitude = Math.abs(totalMinor);
  const rests = new Float64Array(weights.length);
  let left = magnitude;
  const parts = weights.map((weight, index) => {
    const product = magnitude * weight;
    const rest = Number.isSafeInteger(product)
      ? product % weightSum
      : remainderLarge(magnitude, weight, weightSum);
    const part = Number.isSafeInteger(product)
      ? (product - rest) / weightSum
      : mulDivLarge(magnitude, weight, weightSum, 'down');
    rests[index] = rest;
    left -= part;
    return part;
  });
  if (left > 0) roundUp(parts, rests, left);
  return totalMinor < 0 ? parts.map((part) => (part === 0 ? 0 : -part)) : parts;
}

/** Adds one to the `count` parts with the largest remainders; the earlier one wins a tie. */
function roundUp(parts: number[], rests: Float64Array, count: number): void {
  // By value, not by index: numbers sort several times faster without a compare function.
  const least = rests.toSorted()[rests.length - count] as number;
  let equals = count;
  for (const rest of rests) if (rest > least) equals -= 1;
  for (let index = 0; index < rests.length; index += 1) {
    const rest = rests[index] as number;
    if (rest < least || (rest === least && equals-- <= 0)) continue;
    parts[index] = (parts[index] as number) + 1;
  }
}

/** `price * units`, or `money.too-large`. Both operands must be safe integers. */
export function times(priceMinor: number, units: number): number {
  const product = priceMinor * units;
  if (!Number.isSafeInteger(product)) throw MoneyFailure.tooLarge('times');
  return product;
}

/**
 * The sum of non-negative safe integers, or `money.too-large`. One check at the end is enough, since such a sum never
 * shrinks.
 */
export function sum(amountsMinor: readonly number[], operation: string): number {
  let sumMinor = 0;
  for (const amountMinor of amountsMinor) sumMinor += amountMinor;
  if (!Number.isSafeInteger(sumMinor)) throw MoneyFailure.tooLarge(operation);
  return sumMinor;
}

/** The sum of amounts of both signs. Throws `money.too-large`. */
export function signedSum(amountsMinor: readonly number[]): number {
  let total = 0;
  let isExact = true;
  for (const amountMinor of amountsMinor) {
    total += amountMinor;
    isExact &&= Number.isSafeInteger(total);
  }
  if (isExact) return total;
  return quotient(amountsMinor.reduce((sum, amountMinor) => sum + BigInt(amountMinor), 0n), 1n, 'down', 'sum');
}

function mulDivLarge(
  amountMinor: number, numerator: number, denominator: number, rounding: Rounding,
): number {
  return quotient(BigInt(amountMinor) * BigInt(numerator), BigInt(denominator), rounding, 'mulDiv');
}

/**
 * `product / divisor`, rounded once, for products of more than two factors. The divisor is above 0. Throws `money.too-large` for a
 * result that is not a safe integer.
 */
export function quotient(product: bigint, divisor: bigint, rounding: Rounding, operation: string): number {
  const magnitude = product < 0n ? -product : product;
  const rest = magnitude % divisor;
  let rounded = magnitude / divisor;
  if (rest > 0n && goesUp(2n * rest - divisor, rounded % 2n === 1n, rounding)) rounded += 1n;
  if (rounded > BigInt(Number.MAX_SAFE_INTEGER)) throw MoneyFailure.tooLarge(operation);
  return Number(product < 0n ? -rounded : rounded);
}

/** `overHalf` has the sign of the rest less half the divisor. */
function goesUp(overHalf: number | bigint, isOdd: boolean, rounding: Rounding): boolean {
  if (rounding === 'down') return false;
  if (rounding === 'up') return true;
  return overHalf > 0 || (overHalf >= 0 && (rounding === 'half-up' || isOdd));
}

function remainderLarge(amount: number, numerator: number, denominator: number): number {
  return Number((BigInt(amount) * BigInt(numerator)) % BigInt(denominator));
}

function requireInteger(value: number, operand: string, min = -Number.MAX_SAFE_INTEGER): void {
  if (Number.isSafeInteger(value) && value >= min) return;
  throw MoneyFailure.operand(operand, `a safe integer, at least ${min}`);
}
