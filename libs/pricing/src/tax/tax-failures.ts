import { failures } from '@aisle/std';

/** Failures of taxes and returns. */
export const TaxFailure = failures('tax', {
  /** A line without a known rate is refused, since a rate of 0 would be charged for good. */
  rateUnknown: [
    'rejected', 'the market has no tax rate for this category on this day', (category: string, date: string) => ({ category, date }),
  ],
  categoryMissing: ['rejected', 'a market with taxes sells only products that have a tax category', (sku: string) => ({ sku })],
});

/** Failures of returns. */
export const ReturnFailure = failures('return', {
  tooMuch: [
    'rejected', 'more would be returned than was sold', (sold: number, returnedBefore: number, returned: number) => ({ sold, returnedBefore, returned }),
  ],
  operand: ['invalid', 'an operand of a return is out of its range', (operand: string, expected: string) => ({ operand, expected })],
});
