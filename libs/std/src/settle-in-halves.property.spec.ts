import fc from 'fast-check';
import { settleInHalves } from './settle-in-halves.ts';

const items = fc.array(fc.record({ value: fc.nat(), isBad: fc.boolean() }), { maxLength: 40 });

describe('settleInHalves', () => {
  it('fails only the bad items, in order, within the promised number of calls', async () => {
    await fc.assert(fc.asyncProperty(items, async (batch) => {
      const done: number[] = [];
      let calls = 0;

      const settled = await settleInHalves(batch, async (part) => {
        calls += 1;
        const bad = part.find(({ isBad }) => isBad);
        if (bad) throw new Error(String(bad.value));
        done.push(...part.map(({ value }) => value));
        return part.map(({ value }) => value * 2);
      });

      expect(settled).toEqual(batch.map(({ value, isBad }) => (isBad
        ? { status: 'rejected', reason: new Error(String(value)) } : { status: 'fulfilled', value: value * 2 })));
      expect(done).toEqual(batch.filter(({ isBad }) => !isBad).map(({ value }) => value));
      const bad = batch.length - done.length;
      expect(calls).toBeLessThanOrEqual(1 + bad * 2 * Math.ceil(Math.log2(Math.max(1, batch.length))));
    }));
  });

  it('ends with a failure that concerns all, and keeps earlier results', async () => {
    let calls = 0;
    const settled = await settleInHalves([1, 2, 3, 4], async (part) => {
      calls += 1;
      if (calls === 1) throw new Error('one of them');
      if (calls === 3) throw new Error('away');
      return part;
    }, (failure) => (failure as Error).message === 'away');

    expect(calls).toBe(3);
    expect(settled.map((one) => (one.status === 'fulfilled' ? one.value : (one.reason as Error).message))).toEqual(
      [1, 2, 'away', 'away']);
  });
});
