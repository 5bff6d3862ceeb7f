import { z } from 'zod';
import { CalendarDate } from '../calendar.ts';
import { Identifier } from '../identifier.ts';

/** The category of a product by which a market finds its tax rate, such as `standard`. */
export const TaxCategory = Identifier.meta({ id: 'TaxCategory', description: 'the category that decides the tax rate, such as standard' });

// Decimals of the finest rates in use are three, such as 8.875 in New York.
const RATE = /^(0|[1-9][0-9]{0,2})(\.[0-9]{1,6})?$/;

/** A percentage as a decimal text, so that it is exact: `20`, `8.875`. */
export const TaxRatePercent = z.string().regex(RATE, 'must be a percentage as a text, such as "20" or "8.875"').meta({ id: 'TaxRatePercent', description: 'a percentage as a text, such as 8.875' });

/** The rate of a category from a business day on. */
const DatedRate = z.strictObject({ category: TaxCategory, rate: TaxRatePercent, from: CalendarDate.meta({ description: 'the first business day of the rate' }) }).meta({ id: 'TaxRate' });

/** The taxes of a market. */
export const TaxTerms = z
  .strictObject({
    pricesInclude: z.boolean().meta({ description: 'whether prices include the tax, or it comes on top' }),
    rates: z.array(DatedRate).min(1).max(1_000).meta({ description: 'the rates by category, each from a day on' }),
    level: z.enum(['line', 'rate']).default('line').meta({ description: 'whether tax is rounded for each line, or for each rate' }),
    target: z.enum(['net', 'tax']).default('net')
      .meta({ description: 'the amount that is rounded when prices include the tax; the other is the difference' }),
  })
  .refine(({ rates }) => hasNoTwins(rates), { message: 'must not have two rates of a category from the same day', path: ['rates'] })
  .meta({ id: 'TaxTerms' });
export type TaxTerms = z.infer<typeof TaxTerms>;

function hasNoTwins(rates: readonly z.infer<typeof DatedRate>[]): boolean {
  return new Set(rates.map(({ category, from }) => `${from} ${category}`)).size === rates.length;
}
