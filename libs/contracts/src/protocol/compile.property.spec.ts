import fc from 'fast-check';
import type { z } from 'zod';
import { PROTOCOLS, messagesIn } from '../index.ts';
import { WRONG, compile, type Mismatch } from './compile.ts';

const BODIES = Object.values(PROTOCOLS).flatMap(messagesIn).flatMap(({ type, bodySchema }): [string, z.ZodType][] =>
  (bodySchema ? [[type, bodySchema]] : []));

describe.each(BODIES)('the compiled schema of %s', (_type, schema) => {
  const step = compile(schema);
  const read = (value: unknown): { value: unknown; mismatch: Mismatch } => {
    const mismatch: Mismatch = { path: [], message: '' };
    return { value: step(value, mismatch), mismatch };
  };

  it('accepts the same values as zod, with the same result', () => {
    fc.assert(fc.property(valuesOf(schema), (given) => {
      const before = structuredClone(given);
      const expected = schema.safeParse(given);
      const { value, mismatch } = read(given);

      expect(value !== WRONG).toBe(expected.success);
      if (expected.success) expect(value).toEqual(expected.data);
      else expect(mismatch.message).not.toBe('');
      expect(given).toEqual(before);
    }), { numRuns: 400 });
  });

  it('drops unknown keys, which change nothing else', () => {
    fc.assert(fc.property(valuesOf(schema), (given) => {
      const known = read(given).value;
      const more = read(withUnknown(given)).value;

      if (known === WRONG || !holdsFreeValues(schema)) expect(more).toEqual(known);
    }), { numRuns: 100 });
  });
});

const TEXTS = ['GR1', 'a', '', '.', 'x'.repeat(129), 'GBP', 'a\0', '\ud800', ' tea ', '2031-01-31', '0000-01-01', '2031-01-31T12:00:00.000Z', '1.0.0', '牛乳'];
const NUMBERS = [0, 1, -1, 1.5, 7, 100, 9_999, 10_000, 1e12, 2 ** 53, Number.NaN, Infinity];

/** Values for a schema, most of them nearly valid. */
function valuesOf(schema: z.core.$ZodType): fc.Arbitrary<unknown> {
  const wrong = fc.constantFrom<unknown>(null, 7, 'text', true, [], {}, [[1]]);
  return fc.oneof({ weight: 24, arbitrary: rightly(schema) }, { weight: 1, arbitrary: wrong });
}

function rightly(schema: z.core.$ZodType): fc.Arbitrary<unknown> {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.type === 'object') return objectsOf(Object.entries(def.shape));
  if (def.type === 'array') return fc.array(valuesOf(def.element), { maxLength: 4 });
  if (def.type === 'union') return fc.oneof(...def.options.map(valuesOf));
  if (def.type === 'record') return fc.dictionary(fc.constantFrom(...TEXTS), valuesOf(def.valueType), { maxKeys: 3 });
  if (def.type === 'nullable') return fc.option(valuesOf(def.innerType));
  if (def.type === 'optional' || def.type === 'default') return valuesOf(def.innerType);
  if (def.type === 'pipe') return valuesOf(def.out);
  if (def.type === 'enum' || def.type === 'literal') return fc.constantFrom<unknown>(...(schema._zod.values ?? []));
  if (def.type === 'boolean') return fc.boolean();
  if (def.type === 'string') return fc.constantFrom(...TEXTS);
  if (def.type === 'number') return fc.oneof(fc.constantFrom(...NUMBERS), fc.integer({ min: -3, max: 200 }));
  return fc.jsonValue({ maxDepth: 2 });
}

function objectsOf(fields: readonly [string, z.core.$ZodType][]): fc.Arbitrary<unknown> {
  const values = Object.fromEntries(fields.map(([key, field]) => [key, valuesOf(field)]));
  const requiredKeys = fields.filter(([, field]) => field._zod.optin !== 'optional').map(([key]) => key);
  return fc.oneof({ weight: 12, arbitrary: fc.record(values, { requiredKeys }) }, { weight: 1, arbitrary: fc.record(values, { requiredKeys: [] }) });
}

/** The same value with an additional field in each object. */
function withUnknown(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withUnknown);
  if (typeof value !== 'object' || value === null) return value;
  return { ...Object.fromEntries(Object.entries(value).map(([key, field]) => [key, withUnknown(field)])), 'not in this version': [1] };
}

/** Whether the schema has fields that accept any key or any value, in which no key is unknown. */
function holdsFreeValues(schema: z.core.$ZodType): boolean {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.type === 'object') return Object.values(def.shape).some(holdsFreeValues);
  if (def.type === 'array') return holdsFreeValues(def.element);
  if (def.type === 'union') return def.options.some(holdsFreeValues);
  if (def.type === 'optional' || def.type === 'nullable' || def.type === 'default') return holdsFreeValues(def.innerType);
  if (def.type === 'pipe') return holdsFreeValues(def.out);
  return def.type === 'record' || def.type === 'unknown';
}
