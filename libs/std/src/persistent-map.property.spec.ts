import fc from 'fast-check';
import { PersistentMap } from './persistent-map.ts';

const key = fc.oneof(fc.constantFrom('a', 'b', 'c'), fc.string());
const step = fc.oneof(
  fc.record({ op: fc.constant('set' as const), key, value: fc.integer() }),
  fc.record({ op: fc.constant('delete' as const), key }),
);

describe('PersistentMap', () => {
  it('holds the same entries as a Map', () => {
    fc.assert(fc.property(fc.array(step), (steps) => {
      const expected = new Map<string, number>();
      let map = PersistentMap.empty<number>();

      for (const one of steps) {
        if (one.op === 'set') expected.set(one.key, one.value);
        else expected.delete(one.key);
        map = one.op === 'set' ? map.set(one.key, one.value) : map.delete(one.key);
      }

      expect(map.size).toBe(expected.size);
      expect([...map.values()].sort()).toEqual([...expected.values()].sort());
      for (const [name, value] of expected) expect(map.get(name)).toBe(value);
    }));
  });

  it('leaves every earlier version as it was', () => {
    fc.assert(fc.property(fc.array(fc.tuple(key, fc.integer())), key, fc.integer(), (entries, changed, value) => {
      const before = PersistentMap.of(entries);
      const seen = [...before.values()];

      const after = before.set(changed, value).delete(changed);

      expect([...before.values()]).toEqual(seen);
      expect(after.get(changed)).toBeUndefined();
    }));
  });

  it('finds each of a hundred thousand', () => {
    const map = PersistentMap.of(Array.from({ length: 100_000 }, (_, n) => [`sku-${n}`, n] as const));

    expect(map.size).toBe(100_000);
    for (let n = 0; n < 100_000; n += 97) expect(map.get(`sku-${n}`)).toBe(n);
  });
});
