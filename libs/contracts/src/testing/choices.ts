import type { z } from 'zod';
import { SetLine, type LineChoice } from '../basket.ts';

/** A choice with a value for every field of a line. Another seed gives another value of each; the quantity is the seed. */
export function choiceBy(seed: number): LineChoice {
  return SetLine.parse(Object.fromEntries(Object.entries(SetLine.shape).map(([field, schema]) => [field, valueOf(schema, seed)])));
}

function valueOf(schema: z.core.$ZodType, seed: number): unknown {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.type === 'optional' || def.type === 'nullable' || def.type === 'default') return valueOf(def.innerType, seed);
  if (def.type === 'number') return seed;
  if (def.type === 'string') return `text ${seed}`;
  if (def.type === 'boolean') return seed % 2 === 0;
  if (def.type === 'enum') return Object.values(def.entries)[seed % Object.keys(def.entries).length];
  throw new Error(`the choice of a line has a field of type ${def.type}, of which these tests make no value`);
}
