import { VirtualRuntime } from '@aisle/std/testing';
import { RateLimit } from './rate-limit.ts';

describe('RateLimit', () => {
  let runtime: VirtualRuntime;

  beforeEach(() => {
    runtime = new VirtualRuntime();
  });

  it('grants the first event at once, and the next ones at its rate', async () => {
    const limit = new RateLimit(100);
    const first = limit.take(10, runtime);

    await runtime.advance(30);

    expect([first, limit.take(10, runtime), limit.take(10, runtime)]).toEqual([1, 3, 0]);
  });

  it('saves up a tenth of a second by default, or the given burst', async () => {
    const [limit, bursty] = [new RateLimit(100), new RateLimit(100, 50)];
    limit.take(1, runtime);
    bursty.take(1, runtime);

    await runtime.advance(60_000);

    expect([limit.take(1_000, runtime), bursty.take(1_000, runtime)]).toEqual([10, 50]);
  });

  it.each([
    { perSecond: 0, taken: 0 },
    { perSecond: Infinity, taken: 1_000 },
  ])('of $perSecond a second grants $taken of 1,000', ({ perSecond, taken }) => {
    expect(new RateLimit(perSecond).take(1_000, runtime)).toBe(taken);
  });

  it('takes unused events back', () => {
    const limit = new RateLimit(100);
    limit.take(1, runtime);

    limit.giveBack(1);

    expect(limit.take(1, runtime)).toBe(1);
  });

  it('wakes a waiting producer when the next event may come, or as soon as the rate changes', async () => {
    const limit = new RateLimit(100);
    const wokenAtMs: number[] = [];
    const wait = (): unknown => limit.whenAllowed(runtime, () => wokenAtMs.push(runtime.clock.monotonicMs()));
    limit.take(1, runtime);
    wait();
    await runtime.advance(50);

    limit.perSecond = 0;
    wait();
    await runtime.advance(1_000);
    limit.perSecond = 10;

    expect(wokenAtMs).toEqual([10, 1_050]);
  });

  it('wakes at high rates only for several events, or for the full burst', async () => {
    const [fast, tight] = [new RateLimit(10_000), new RateLimit(10_000, 10)];
    const taken: number[][] = [];
    for (const limit of [fast, tight]) {
      limit.take(1, runtime);
      limit.whenAllowed(runtime, () => taken.push([runtime.clock.monotonicMs(), limit.take(1_000, runtime)]));
    }

    await runtime.advance(100);

    expect(taken).toEqual([[1, 10], [5, 50]]);
  });

  it.each([1e-7, 1e-9, 1e-300, Number.MIN_VALUE])('of %d a second sets one timer, and wakes nobody at once', async (perSecond) => {
    const delaysMs: number[] = [];
    const { timers } = runtime;
    const after: typeof timers.after = (delayMs, run) => {
      delaysMs.push(delayMs);
      return timers.after(delayMs, run);
    };
    const limit = new RateLimit(perSecond);
    limit.take(1, runtime);
    let woken = 0;

    limit.whenAllowed({ timers: { ...timers, after } }, () => (woken += 1));
    await runtime.advance(24 * 60 * 60_000);

    expect(woken).toBe(0);
    expect(delaysMs.every((delayMs) => delayMs > 2 ** 31)).toBe(true);
    expect(delaysMs.length).toBeLessThanOrEqual(1);
  });

  it('is never negative', () => {
    expect(() => new RateLimit(-1)).toThrow(RangeError);
  });
});
