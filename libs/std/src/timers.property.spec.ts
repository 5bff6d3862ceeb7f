import fc from 'fast-check';
import { systemRuntime, type Runtime } from './runtime.ts';
import { VirtualRuntime } from './testing/index.ts';

const NODE_MAX_MS = 2 ** 31 - 1;
/** From −1 to 10^15 ms, with all special borders. */
const duration = fc.oneof(
  fc.double({ min: -1, max: 1e15, noNaN: true }),
  fc.maxSafeNat().map((ms) => ms % 1e15),
  fc.constantFrom(-1, -0.5, 0, 1, NODE_MAX_MS - 1, NODE_MAX_MS, NODE_MAX_MS + 1, 2 ** 32, 30 * 86_400_000, 1e15, Infinity, -Infinity, NaN),
);
const isRefused = (ms: number): boolean => !(ms >= 0);

describe('timers of any duration, on the real and the virtual clock', () => {
  let asked: { ms: number; run: () => void }[] = [];

  beforeEach(() => {
    asked = [];
    const record = (run: () => void, ms?: number): NodeJS.Timeout => {
      asked.push({ ms: ms as number, run });
      return { unref: () => undefined } as unknown as NodeJS.Timeout;
    };
    jest.spyOn(globalThis, 'setTimeout').mockImplementation(record as typeof setTimeout);
    jest.spyOn(globalThis, 'setInterval').mockImplementation(record as typeof setInterval);
  });

  afterEach(() => jest.restoreAllMocks());

  it('are refused by the same rule with the same error text', () => {
    fc.assert(fc.property(duration, fc.constantFrom('after' as const, 'every' as const), (ms, kind) => {
      const errors = [systemRuntime, new VirtualRuntime()].map((runtime) => errorOf(runtime, kind, ms));

      expect(errors[0]).toBe(errors[1]);
      expect(errors[0] !== undefined).toBe(isRefused(ms) || (kind === 'every' && ms === 0));
    }));
    expect(errorOf(systemRuntime, 'after', NaN)).toBe('RangeError: delayMs is NaN; it must be a number of milliseconds from 0 on, or Infinity for never');
  });

  it('wait for their whole length on the real clock, in parts that Node accepts', () => {
    fc.assert(fc.property(duration.filter((ms) => !isRefused(ms)), (ms) => {
      asked = [];
      let isFired = false;
      systemRuntime.timers.after(ms, () => (isFired = true));

      let waitedMs = 0;
      for (let left = 0; !isFired && left < 150 && asked.length > left; left += 1) {
        const { ms: partMs, run } = asked[left] as { ms: number; run: () => void };
        expect(partMs >= 0 && partMs <= NODE_MAX_MS).toBe(true);
        waitedMs += partMs;
        run();
      }

      if (ms === Infinity) expect(asked).toEqual([]);
      else if (ms <= 100 * NODE_MAX_MS) expect([isFired, Math.abs(waitedMs - ms) <= 1]).toEqual([true, true]);
      else expect(isFired).toBe(false);
    }));
  });

  it('fire on the virtual clock at their time and not before', async () => {
    await fc.assert(fc.asyncProperty(duration.filter((ms) => !isRefused(ms)), async (ms) => {
      const runtime = new VirtualRuntime();
      let isFired = false;
      runtime.timers.after(ms, () => (isFired = true));

      await runtime.advance(Math.min(ms, 1e15) * 0.999);
      expect(isFired).toBe(Math.min(ms, 1e15) * 0.999 >= ms);
      await runtime.advance(1e15);

      expect(isFired).toBe(ms !== Infinity);
      expect(runtime.pendingTimers).toBe(0);
    }), { numRuns: 50 });
  });

  it('repeat a long interval, until it is cancelled', () => {
    let ticks = 0;
    const timer = systemRuntime.timers.every(2 * NODE_MAX_MS, () => (ticks += 1));

    for (let part = 0; part < 6; part += 1) asked[part]?.run();

    expect([ticks, asked.map(({ ms }) => ms).every((ms) => ms === NODE_MAX_MS)]).toEqual([3, true]);
    timer.cancel();
  });
});

function errorOf({ timers }: Runtime, kind: 'after' | 'every', ms: number): string | undefined {
  try {
    timers[kind](ms, () => undefined).cancel();
    return undefined;
  } catch (error) {
    return String(error);
  }
}
