/** The check digit of a GS1 number (GTIN, SSCC, GLN) without it: weights 3, 1, 3, … from the right, modulo 10 (GS1 GenSpecs 7.9). */
export function checkDigitOf(digits: string): number {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    sum += Number(digits[digits.length - 1 - index]) * (index % 2 === 0 ? 3 : 1);
  }
  return (10 - (sum % 10)) % 10;
}

/** The weights of price verifiers: a product's units digit, less or plus its tens digit. */
const WEIGHTS = {
  '2-': (digit: number) => units(2 * digit) - tens(2 * digit),
  '3': (digit: number) => units(3 * digit),
  '5-': (digit: number) => units(5 * digit) - tens(5 * digit),
  '5+': (digit: number) => units(5 * digit) + tens(5 * digit),
};
const OF_FOUR = ['2-', '2-', '3', '5-'] as const;
const OF_FIVE = ['5+', '2-', '5-', '5+', '2-'] as const;

/** The price verifier digit of a price or weight field of four or five digits (GS1 GenSpecs 7.9); undefined for other lengths. */
export function priceVerifierOf(digits: string): number | undefined {
  if (digits.length === 4) return units(3 * weighted(digits, OF_FOUR));
  if (digits.length !== 5) return undefined;
  // For five digits, the verifier is the digit whose own product by 5- completes the sum to a multiple of ten.
  const missing = (10 - weighted(digits, OF_FIVE)) % 10;
  return DIGITS.find((digit) => modulo10(WEIGHTS['5-'](digit)) === missing);
}

const DIGITS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

function weighted(digits: string, weights: readonly (keyof typeof WEIGHTS)[]): number {
  return modulo10(weights.reduce((sum, weight, index) => sum + WEIGHTS[weight](Number(digits[index])), 0));
}

function modulo10(value: number): number {
  return ((value % 10) + 10) % 10;
}

function units(value: number): number {
  return value % 10;
}

function tens(value: number): number {
  return Math.floor(value / 10);
}
