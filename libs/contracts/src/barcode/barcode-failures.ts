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
  unknown: ['rejected', 'the market has no product of this code', (code: string) => ({ code })],
  /** Selling half a step would change the price. */
  betweenSteps: [
    'rejected', 'the quantity in the code is no whole number of steps of the product\'s unit', (code: string, sku: string) => ({ code, sku }),
  ],
  /** A kilogram in a code of goods that are sold by the litre, for example. */
  otherMeasure: ['rejected', 'the code measures something else than the unit of the product', (code: string, sku: string) => ({ code, sku })],
  /** The product's own price would be another one. */
  priced: ['rejected', 'the code has a price of its own, and such labels are not sold', (code: string, sku: string) => ({ code, sku })],
  expired: [
    'rejected', 'the goods of this code may no longer be sold', (code: string, sku: string, lastDay: string) => ({ code, sku, lastDay }),
  ],
  unreadable: ['rejected', 'the code cannot be read', (code: string, problem: string) => ({ code, problem })],
});
