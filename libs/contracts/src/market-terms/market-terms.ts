import { z } from 'zod';
import { LabelPattern } from '../barcode/label-pattern.ts';
import { clearable, optional } from '../optional-fields.ts';
import { TaxTerms } from './tax-terms.ts';
import { TimeZone } from './time-zone.ts';

const QuantityLabel = LabelPattern.refine(({ value }) => value === 'quantity', {
  message: 'must be quantity: labels that say a price are not sold', path: ['value'],
}).meta({ id: 'QuantityLabel' });

const TERMS = {
  timeZone: TimeZone.meta({ description: 'the IANA name of the time zone of its business days, such as Europe/Berlin; UTC unless given' }),
  labels: z.array(QuantityLabel).max(32).meta({ description: 'patterns of the labels of its own scales; the first that fits counts' }),
  tax: TaxTerms.meta({ description: 'the taxes on its products, each of which then needs a tax category; none unless given' }),
} as const;

/**
 * The facts of retail about a market. All is optional: a market without these terms has UTC, no labels of its own and no taxes, and is as before.
 */
export const marketTerms = optional(TERMS);

/** The terms of a market that has some. */
export const MarketTerms = z.object(marketTerms);
export type MarketTerms = Readonly<z.infer<typeof MarketTerms>>;

/** The same terms for a change, in which null clears a term and an absent one stays. */
export const marketTermChanges = clearable(TERMS);
