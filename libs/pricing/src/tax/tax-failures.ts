import { failures } from '@aisle/std';

/** Failures of taxes. */
export const TaxFailure = failures('tax', {
  /** A line without a known rate is refused, since a rate of 0 would be charged for good. */
  rateUnknown: [
    'rejected', 'the market has no tax rate for this category on this day', (category: string, date: string) => ({ category, date }),
  ],
  categoryMissing: ['rejected', 'a market with taxes sells only products that have a tax category', (sku: string) => ({ sku })],
});
