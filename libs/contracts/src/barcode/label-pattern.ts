import { z } from 'zod';
import { BarcodeFailure } from './barcode-failures.ts';
import { priceVerifierOf } from './check-digit.ts';
import { GTIN_DIGITS } from './gtin.ts';

const PATTERN = /^(?=.*\.)([0-9.V]*)\{(N*)(D*)\}([0-9.V]*)$/;
// Without the check digit: RCN-8, UPC-A and EAN-13.
const LENGTHS: ReadonlySet<number> = new Set([7, 11, 12]);
const VALUE_DIGITS_MAX = 9;

/**
 * A pattern of the labels that a shop's scales and printers make (restricted circulation numbers), without the check digit:
 * `21.....{NNDDD}`. Digits stand for themselves, `.` is a digit of the item number, `V` the price verifier of the value, and the
 * braces hold the value's whole and decimal digits.
 */
export const LabelPattern = z
  .strictObject({
    pattern: z.string()
      .refine(isPattern, 'must be a pattern of 7, 11 or 12 places such as 21.....{NNDDD}: digits, . for the item, {N…D…} for the value, at most one V')
      .meta({
        pattern: '^[0-9.V]*\\{N*D*\\}[0-9.V]*$',
        description: 'the places of the label without its check digit: digits, . for the item, {N…D…} for the value, at most one V',
      }),
    value: z.enum(['quantity', 'price']).meta({ description: 'quantity: in the unit of the product; price: of the whole line, its digits are minor units' }),
  })
  .meta({ id: 'LabelPattern' });
export type LabelPattern = z.infer<typeof LabelPattern>;

/** The content of a label: the item number, and the quantity or the price of the line. */
export interface LabelContent {
  readonly item: string;
  readonly quantity?: DecimalNumber;
  readonly priceMinor?: number;
}

/** The number `digits` / 10^`decimals`. */
export interface DecimalNumber {
  readonly digits: number;
  readonly decimals: number;
}

/**
 * The content of a label by the first pattern that fits, undefined if none does. `gtin` is the label's code as 14 digits, so UPC-A and
 * EAN-13 of one label are equal. Throws `barcode.price_verifier`.
 */
export function readLabel(gtin: string, patterns: readonly LabelPattern[]): LabelContent | undefined {
  const body = gtin.slice(0, -1);
  for (const { pattern, value } of patterns) {
    const parts = match(pattern, body);
    if (!parts) continue;
    checkVerifier(gtin, parts);
    const digits = Number(parts.value);
    return value === 'price'
      ? { item: parts.item, priceMinor: digits }
      : { item: parts.item, quantity: { digits, decimals: parts.decimals } };
  }
  return undefined;
}

interface Parts {
  readonly item: string;
  readonly value: string;
  readonly verifier: string;
  readonly decimals: number;
}

function match(pattern: string, body: string): Parts | undefined {
  const [, before = '', whole = '', decimal = '', after = ''] = PATTERN.exec(pattern) ?? [];
  const value = '#'.repeat(whole.length + decimal.length);
  const places = `${before}${value}${after}`.padStart(GTIN_DIGITS - 1, '0');
  const found = { '.': '', '#': '', 'V': '' };
  for (let index = 0; index < places.length; index += 1) {
    const place = places[index] as string;
    if (place === '.' || place === '#' || place === 'V') found[place] += body[index] as string;
    else if (place !== body[index]) return undefined;
  }
  return { item: found['.'], value: found['#'], verifier: found.V, decimals: decimal.length };
}

function checkVerifier(gtin: string, { value, verifier }: Parts): void {
  const right = priceVerifierOf(value);
  if (verifier === '' || right === undefined || Number(verifier) === right) return;
  throw BarcodeFailure.priceVerifier(gtin, right);
}

function isPattern(text: string): boolean {
  const parts = PATTERN.exec(text);
  if (!parts) return false;
  const [, before = '', whole = '', decimal = '', after = ''] = parts;
  const valueDigits = whole.length + decimal.length;
  const verifiers = `${before}${after}`.split('V').length - 1;
  // Verifiers exist for four and five digits alone.
  return LENGTHS.has(before.length + valueDigits + after.length)
    && valueDigits >= 1 && valueDigits <= VALUE_DIGITS_MAX
    && (verifiers === 0 || (verifiers === 1 && (valueDigits === 4 || valueDigits === 5)));
}
