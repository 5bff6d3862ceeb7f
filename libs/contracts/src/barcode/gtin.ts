import { BarcodeFailure } from './barcode-failures.ts';
import { checkDigitOf } from './check-digit.ts';

/** Digits of a normalised GTIN. */
export const GTIN_DIGITS = 14;
const FORMS: ReadonlySet<number> = new Set([8, 12, 13, GTIN_DIGITS]);
const NUMERIC = /^[0-9]+$/;

/** Whether a code has the digits of a GTIN-8, GTIN-12, GTIN-13 or GTIN-14. */
export function hasGtinForm(code: string): boolean {
  return FORMS.has(code.length) && NUMERIC.test(code);
}

/**
 * A GTIN of any form as 14 digits, so that the same product always has the same code. Throws `barcode.length`, and
 * `barcode.check_digit` with the right digit.
 */
export function gtinOf(code: string): string {
  if (!hasGtinForm(code)) throw BarcodeFailure.length(code);
  const right = checkDigitOf(code.slice(0, -1));
  if (Number(code.at(-1)) !== right) throw BarcodeFailure.checkDigit(code, right);
  return code.padStart(GTIN_DIGITS, '0');
}
