import type { MemoryFigures } from './memory/memory-bench.ts';
import { runQuick } from './testing/run-script.ts';

describe('the memory benchmark', () => {
  it('keeps the permitted number of baskets live, and measures them and the writes of an add', async () => {
    const { found } = await runQuick<MemoryFigures>('memory.ts');

    const { perBasket, samples, wal } = found;
    expect([perBasket.few.liveBaskets, perBasket.many.liveBaskets]).toEqual([10, 100]);
    expect(perBasket.bytes).toBeGreaterThan(0);
    expect(samples.length).toBeGreaterThan(0);
    expect(Math.max(...samples.map(({ liveBaskets }) => liveBaskets))).toBeLessThanOrEqual(100);
    expect(wal.map(({ lines, bytes }) => [lines, bytes > 0])).toEqual([1, 10, 100, 500].map((lines) => [lines, true]));
  });
});
