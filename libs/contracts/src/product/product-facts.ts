import { z } from 'zod';
import { Unit } from './unit.ts';

const FACTS = {
  unit: Unit.meta({ description: 'the unit of quantities and of the price; pieces unless given. It never changes' }),
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

function optional<T extends Readonly<Record<string, z.ZodType>>>(shape: T): { [K in keyof T]: z.ZodOptional<T[K]> } {
  return mapped(shape, (schema) => schema.optional()) as { [K in keyof T]: z.ZodOptional<T[K]> };
}

function clearable<T extends Readonly<Record<string, z.ZodType>>>(shape: T): { [K in keyof T]: z.ZodOptional<z.ZodNullable<T[K]>> } {
  return mapped(shape, (schema) => schema.nullable().optional()) as { [K in keyof T]: z.ZodOptional<z.ZodNullable<T[K]>> };
}

function mapped(shape: Readonly<Record<string, z.ZodType>>, change: (schema: z.ZodType) => z.ZodType): Record<string, z.ZodType> {
  return Object.fromEntries(Object.entries(shape).map(([name, schema]) => [name, change(schema)]));
}
