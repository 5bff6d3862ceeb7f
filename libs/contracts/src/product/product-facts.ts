import { z } from 'zod';
import { Sku } from '../basket.ts';
import { TaxCategory } from '../market-terms/tax-terms.ts';
import { Ext } from './ext.ts';
import { ProductCode } from './product-code.ts';
import { Restriction } from './restriction.ts';
import { Measure, Steps, Unit } from './unit.ts';

/** The most codes of one product. */
export const CODES_MAX = 64;

const FACTS = {
  unit: Unit.meta({ description: 'the unit of quantities and of the price; pieces unless given' }),
  nominal: z.strictObject({ steps: Steps }).meta({
    description: 'the usual measure of a piece: the product is ordered by count, priced by this measure, and settled by its weighed one',
  }),
  contains: Measure.meta({ description: 'the content of a piece, from which the unit price follows' }),
  codes: z.array(ProductCode).max(CODES_MAX),
  taxCategory: TaxCategory,
  deposit: z.strictObject({ sku: Sku }).meta({ description: 'the product that is charged as the deposit of each piece' }),
  restrictions: Restriction,
  ext: Ext,
} as const;

/**
 * The facts of retail about a product, for the bodies that create or replace one. All is optional: a product without these facts is
 * sold by the piece, and is as before.
 */
export const productFacts = optional(FACTS);

/** The same facts for a change, in which null clears a fact and an absent one stays. */
export const productFactChanges = clearable(FACTS);

function optional<T extends Readonly<Record<string, z.ZodType>>>(shape: T): { [K in keyof T]: z.ZodOptional<T[K]> } {
  return mapped(shape, (schema) => schema.optional()) as { [K in keyof T]: z.ZodOptional<T[K]> };
}

function clearable<T extends Readonly<Record<string, z.ZodType>>>(shape: T): { [K in keyof T]: z.ZodOptional<z.ZodNullable<T[K]>> } {
  return mapped(shape, (schema) => schema.nullable().optional()) as { [K in keyof T]: z.ZodOptional<z.ZodNullable<T[K]>> };
}

function mapped(shape: Readonly<Record<string, z.ZodType>>, change: (schema: z.ZodType) => z.ZodType): Record<string, z.ZodType> {
  return Object.fromEntries(Object.entries(shape).map(([name, schema]) => [name, change(schema)]));
}
