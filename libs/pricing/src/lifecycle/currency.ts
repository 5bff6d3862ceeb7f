import { amountsIn } from '../built-ins/built-in.ts';
import { pathIn } from './readable.ts';
import type { BuiltInName } from '../built-ins/built-in.ts';
import type { Meta } from '../strategy.ts';

/** The ending by which a script marks a parameter as an amount in minor units. */
const AMOUNT = /Minor$/;

/**
 * The problem of a version whose parameters hold amounts while its scope names no currency: 450 is 4.50 in GBP, and 450
 * yen in JPY. A built-in declares its amounts. A script marks them by the ending `Minor`.
 */
export function currencyProblems({ params, scope }: Meta, use?: string): string[] {
  if (scope.currencies !== undefined) return [];
  const amounts = use === undefined ? amountsNamedIn(params, 'params') : amountsIn(use as BuiltInName, params);
  if (amounts.length === 0) return [];
  return [`scope.currencies: expected the currencies of the amounts in ${amounts.join(', ')}`];
}

function amountsNamedIn(value: unknown, path: string): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => {
    const inner = pathIn(value, path, key);
    return AMOUNT.test(key) ? [inner] : amountsNamedIn(part, inner);
  });
}
