import { z } from 'zod';
import { LabelPattern } from '../barcode/label-pattern.ts';
import { Identifier } from '../identifier.ts';
import { Ext } from '../product/ext.ts';
import { PriceLists } from './price-row.ts';
import { TaxTerms } from './tax-terms.ts';
import { TimeZone } from './time-zone.ts';

/**
 * The facts of retail about a market, for the body that configures one. All is optional: a market without these terms has UTC, no taxes
 * and no labels of its own, and is as before.
 */
export const marketTerms = {
  timeZone: TimeZone.optional(),
  tax: TaxTerms.nullable().optional(),
  labels: z.array(LabelPattern).max(32).optional().meta({ description: 'patterns of the shop\'s own labels; the first that fits counts' }),
  priceLists: PriceLists.optional(),
  perishable: z.array(Identifier).max(100).optional()
    .meta({ description: 'categories whose reductions say no prior price, because their goods perish soon' }),
  ext: Ext.nullable().optional(),
} as const;
