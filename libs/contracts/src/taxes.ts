import { z } from 'zod';
import { Money } from './money.ts';
import { Text } from './text.ts';

const TaxedAmount = {
  rate: Text.meta({ description: 'the percentage, such as 20 or 8.875' }),
  net: Money.meta({ description: 'the amount without tax' }),
  tax: Money,
};

/** The tax of a line, after all discounts. */
export const LineTax = z.strictObject({ category: Text, ...TaxedAmount }).meta({ id: 'LineTax' });
export type LineTax = z.infer<typeof LineTax>;

/** The taxes of a document. Net and tax sum to its total. */
export const Taxes = z
  .strictObject({
    pricesInclude: z.boolean().meta({ description: 'whether prices include the tax, or it comes on top' }),
    rates: z.array(z.strictObject(TaxedAmount)).meta({ description: 'the sums of the lines by rate, from low to high' }),
    net: Money,
    tax: Money,
  })
  .meta({ id: 'Taxes' });
export type Taxes = z.infer<typeof Taxes>;

/** The taxes of a document from those of its lines: each sum is a sum of lines, so nothing is rounded. */
export function taxesOfLines(lines: readonly Pick<LineTax, 'rate' | 'net' | 'tax'>[], pricesInclude: boolean, currency: string): Taxes {
  const sums = new Map<string, { net: number; tax: number }>();
  for (const { rate, net, tax } of lines) {
    const sum = sums.get(rate) ?? { net: 0, tax: 0 };
    sums.set(rate, { net: sum.net + net.amount, tax: sum.tax + tax.amount });
  }
  const money = (amount: number): Money => ({ amount, currency });
  const rates = [...sums].sort(([one], [other]) => Number(one) - Number(other));
  return {
    pricesInclude,
    rates: rates.map(([rate, { net, tax }]) => ({ rate, net: money(net), tax: money(tax) })),
    net: money(rates.reduce((sum, [, { net }]) => sum + net, 0)),
    tax: money(rates.reduce((sum, [, { tax }]) => sum + tax, 0)),
  };
}
