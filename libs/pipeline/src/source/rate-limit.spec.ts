import { VirtualRuntime } from '@aisle/std/testing';
import { RateLimit } from './rate-limit.ts';

describe('RateLimit', () => {
  let runtime: VirtualRuntime;

  beforeEach(() => {
    runtime = new VirtualRuntime();
  });

  it('lets the first one through at once, and then as many as its rate says', async () => {
    const limit = new RateLimit(100);
    const first = limit.take(10, runtime);

    await runtime.advance(30);

    expect([first, limit.take(10, runtime), limit.take(10, runtime)]).toEqual([1, 3, 0]);
  });

  it('saves up a tenth of a second, unless it is told another burst', async () => {
    const [limit, bursty] = [new RateLimit(100), new RateLimit(100, 50)];
    limit.take(1, runtime);
    bursty.take(1, runtime);

    await runtime.advance(60_000);

    expect([limit.take(1_000, runtime), bursty.take(1_000, runtime)]).toEqual([10, 50]);
  });

  it.each([
    { perSecond: 0, taken: 0 },
    { perSecond: Infinity, taken: 1_000 },
  ])('of $perSecond a second lets $taken of 1,000 through', ({ perSecond, taken }) => {
    expect(new RateLimit(perSecond).take(1_000, runtime)).toBe(taken);
  });

  it('gives back what was not used', () => {
    const limit = new RateLimit(100);
    limit.take(1, runtime);

    limit.giveBack(1);

    expect(limit.take(1, runtime)).toBe(1);
  });

  it('wakes who waits when the next one may come, or as soon as the rate changes', async () => {
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

  it('is never negative', () => {
    expect(() => new RateLimit(-1)).toThrow(RangeError);
  });
});
