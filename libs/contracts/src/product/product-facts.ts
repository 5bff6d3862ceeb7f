import { z } from 'zod';
import { clearable, optional } from '../optional-fields.ts';
import { TaxCategory } from '../market-terms/tax-terms.ts';
import { ProductCode } from './product-code.ts';
import { Unit } from './unit.ts';

/** The most codes of one product. */
const CODES_MAX = 64;

const FACTS = {
  unit: Unit.meta({ description: 'the unit of quantities and of the price; pieces unless given. It never changes' }),
  codes: z.array(ProductCode).max(CODES_MAX).meta({ description: 'the codes by which scanners find the product; each is unique in its market' }),
  taxCategory: TaxCategory,
} as const;

/**
 * The facts of retail about a product, for the bodies that create or replace one. All is optional: a product without these facts is
 * sold by the piece, and is as before.
 */
export const productFacts = optional(FACTS);

/** The facts of a product that has some. */
export const ProductFacts = z.object(productFacts);
export type ProductFacts = Readonly<z.infer<typeof ProductFacts>>;

/** The same facts for a change, in which null clears a fact and an absent one stays. */
export const productFactChanges = clearable(FACTS);
