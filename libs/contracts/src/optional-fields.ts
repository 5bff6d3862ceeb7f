import type { z } from 'zod';

type Shape = Readonly<Record<string, z.ZodType>>;

/** The same fields, each of which may be absent. */
export function optional<T extends Shape>(shape: T): { [K in keyof T]: z.ZodOptional<T[K]> } {
  return mapped(shape, (schema) => schema.optional()) as { [K in keyof T]: z.ZodOptional<T[K]> };
}

/** The same fields for a change, in which null clears a field and an absent one stays. */
export function clearable<T extends Shape>(shape: T): { [K in keyof T]: z.ZodOptional<z.ZodNullable<T[K]>> } {
  return mapped(shape, (schema) => schema.nullable().optional()) as { [K in keyof T]: z.ZodOptional<z.ZodNullable<T[K]>> };
}

function mapped(shape: Shape, change: (schema: z.ZodType) => z.ZodType): Record<string, z.ZodType> {
  return Object.fromEntries(Object.entries(shape).map(([name, schema]) => [name, change(schema)]));
}
