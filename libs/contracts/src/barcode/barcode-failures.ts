import { failures } from '@aisle/std';

/** Failures of scanned and entered codes. */
export const BarcodeFailure = failures('barcode', {
  checkDigit: [
    'rejected', (_code: string, right: number) => `the check digit of the code is wrong; ${right} would be right`,
    (code: string, right: number) => ({ code, checkDigit: right }),
  ],
  priceVerifier: [
    'rejected', (_code: string, right: number) => `the price verifier digit of the label is wrong; ${right} would be right`,
    (code: string, right: number) => ({ code, priceVerifier: right }),
  ],
  length: ['rejected', 'a GTIN has 8, 12, 13 or 14 digits, and no other character', (code: string) => ({ code })],
  unreadable: ['rejected', 'the code cannot be read', (code: string, problem: string) => ({ code, problem })],
});
