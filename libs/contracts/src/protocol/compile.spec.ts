import { z } from 'zod';
import { Batch, Identifier, LIMITS } from '../index.ts';
import { WRONG, compile, type Mismatch } from './compile.ts';

const Change = z.strictObject({ operations: Batch, note: z.string().exactOptional(), count: z.int().default(1) });

describe('a compiled schema', () => {
  const given = { operations: [{ op: 'add', sku: 'GR1', quantity: 2 }], count: 3 };

  it('returns a valid value unchanged', () => {
    expect(read(Change, given)).toBe(given);
  });

  it('fills in defaults without changing the given value', () => {
    const absent = { operations: [{ op: 'add', sku: 'GR1' }] };

    expect(read(Change, absent)).toEqual({ operations: [{ op: 'add', sku: 'GR1', quantity: 1 }], count: 1 });
    expect(absent).toEqual({ operations: [{ op: 'add', sku: 'GR1' }] });
  });

  it('drops unknown and undefined keys at any depth', () => {
    const newer = { ...given, operations: [{ ...given.operations[0], gift: true }], step: { kind: 'expire' }, note: undefined };

    const made = read(Change, newer) as object;

    expect(made).toEqual(given);
    expect(Object.keys(made)).toEqual(['operations', 'count']);
  });

  it.each<[string, unknown, (string | number)[], string]>([
    ['a number for an object', 7, [], 'expected an object'],
    ['a list', [], [], 'expected an object'],
    ['a date', new Date(0), [], 'expected an object'],
    ['bytes', Buffer.from('{}'), [], 'expected an object'],
    ['a missing field', {}, ['operations'], 'expected an array'],
    ['a wrong number', { ...given, count: Number.NaN }, ['count'], 'Invalid input: expected number, received NaN'],
    ['a wrong choice', { operations: [{ op: 'steal' }] }, ['operations', 0, 'op'], 'expected "add" or "set" or "remove" or "clear"'],
    ['a wrong field of an item', { operations: [{ op: 'clear' }, { op: 'add', sku: '' }] }, ['operations', 1, 'sku'], 'must be 1 to 128 characters'],
    ['a list that is too long', { operations: Array(LIMITS.operationsPerBatch + 1).fill({ op: 'clear' }) }, ['operations'], 'must have 1 to 500 items'],
  ])('refuses %s with its path and the reason', (_what, value, path, message) => {
    const mismatch: Mismatch = { path: [], message: '' };

    expect(compile(Change)(value, mismatch)).toBe(WRONG);
    expect(mismatch).toEqual({ path, message });
  });

  it('runs further checks of a schema that extends one with a shortcut', () => {
    const Short = Identifier.refine((id) => id.length < 4, 'is too long');

    expect(read(Short, 'GR1')).toBe('GR1');
    expect(read(Short, 'GR12')).toBe(WRONG);
    expect(read(Identifier.meta({ description: 'described anew' }), 'GR12')).toBe('GR12');
  });

  it('cannot be made of a kind of schema that it does not know', () => {
    expect(() => compile(z.object({ when: z.date() }))).toThrow('a message cannot hold a schema of the type date');
  });
});

function read(schema: z.ZodType, value: unknown): unknown {
  return compile(schema)(value, { path: [], message: '' });
}
