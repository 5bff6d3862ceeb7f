import { isFailure } from '@aisle/std';
import { VirtualRuntime } from '@aisle/std/testing';
import { Allowance } from './allowance.ts';

const WINDOW_MS = 10_000;
const ROUND_TRIP_MS = 5;

describe('the allowance of a principal', () => {
  it.each([
    [100, 1], [1_000, 1], [1_000, 2], [5_000, 7], [10, 1], [1, 1],
  ])('admits %i units of two gateways within 5 %%, by %i a request', async (quota, units) => {
    const { runtime, gateways } = setUp(quota, 2);

    const admitted = await send(runtime, gateways, quota * 3, units);

    expect(Math.abs(admitted - quota)).toBeLessThanOrEqual(quota * 0.05);
  });

  it.each([1_000, 20])('is complete for one gateway after the other has used few of %i units', async (quota) => {
    const { runtime, gateways: [one, other] } = setUp(quota, 2);

    const few = await send(runtime, [other as Allowance], 1, 1);
    const rest = await send(runtime, [one as Allowance], quota * 2, 1);

    expect(Math.abs(few + rest - quota)).toBeLessThanOrEqual(quota * 0.05);
  });

  it('gives units at once, and leases ahead of their use', async () => {
    const { runtime, counter, gateways: [gateway] } = setUp(1_000, 1);

    for (let n = 0; n < 200; n += 1) {
      expect(gateway?.take(1)).toBeUndefined();
      await runtime.advance(ROUND_TRIP_MS);
    }

    expect(counter.asked).toBeLessThan(50);
    expect(counter.leased).toBeLessThanOrEqual(220);
  });

  it('lets a burst wait for its lease', async () => {
    const { runtime, counter, gateways: [gateway] } = setUp(1_000, 1);

    const taken = Array.from({ length: 500 }, () => gateway?.take(1));
    await runtime.advance(2 * ROUND_TRIP_MS);
    await Promise.all(taken.filter((one) => one !== undefined));

    expect(counter.asked).toBe(2);
  });

  it('is refused with the time until the next window, in which it is complete', async () => {
    const { runtime, gateways } = setUp(100, 1);
    await send(runtime, gateways, 200, 1);
    await runtime.advance(WINDOW_MS - runtime.clock.monotonicMs() - 1_000);

    expect(() => gateways[0]?.take(1)).toThrow(expect.objectContaining({ code: 'rate.exceeded', details: { retryAfterMs: expect.closeTo(1_000, -2) as number } }));
    expect(gateways[0]?.remaining).toBe(0);
    await runtime.advance(1_000 + ROUND_TRIP_MS);

    expect(await send(runtime, gateways, 200, 1)).toBe(100);
  });

  it('admits a request of more units than its limit, once in a window', async () => {
    const { runtime, gateways } = setUp(100, 1);

    expect(await send(runtime, gateways, 3, 500)).toBe(500);
  });

  it('tells what is left', async () => {
    const { runtime, gateways } = setUp(1_000, 1);
    const [gateway] = gateways as [Allowance];
    expect([gateway.remaining, gateway.endsInMs]).toEqual([1_000, undefined]);

    await send(runtime, gateways, 300, 1);

    expect(gateway.remaining).toBe(700);
    expect(gateway.endsInMs).toBeLessThanOrEqual(WINDOW_MS);
  });
});

function setUp(quota: number, gateways: number) {
  const runtime = new VirtualRuntime();
  const counter = new SharedCounter(runtime);
  return {
    runtime, counter,
    gateways: Array.from({ length: gateways }, () => new Allowance({ quota, counter, key: 'key', clock: runtime.clock })),
  };
}

/** Sends requests in turns to the gateways, in bursts of ten. Resolves with the number of admitted units. */
async function send(runtime: VirtualRuntime, gateways: readonly Allowance[], requests: number, units: number): Promise<number> {
  let admitted = 0;
  for (let n = 0; n < requests; n += 1) {
    void take(gateways[n % gateways.length] as Allowance, units).then((isAdmitted) => (admitted += isAdmitted ? units : 0));
    if (n % 10 === 9) await runtime.advance(requests < 1_000 ? 1 : 0);
  }
  await runtime.advance(10 * ROUND_TRIP_MS);
  return admitted;
}

async function take(gateway: Allowance, units: number): Promise<boolean> {
  try {
    await gateway.take(units);
    return true;
  } catch (refusal) {
    if (!isFailure(refusal)) throw refusal;
    return false;
  }
}

/** Counts as Redis does, one round trip away. */
class SharedCounter {
  asked = 0;
  leased = 0;
  private endsAtMs = 0;

  constructor(private readonly runtime: VirtualRuntime) {}

  add(_key: string, amount: number): Promise<{ count: number; endsInMs: number }> {
    this.asked += 1;
    return new Promise((resolve) => {
      this.runtime.timers.after(ROUND_TRIP_MS, () => {
        const nowMs = this.runtime.clock.monotonicMs();
        if (nowMs >= this.endsAtMs) [this.leased, this.endsAtMs] = [0, nowMs + WINDOW_MS];
        this.leased += amount;
        resolve({ count: this.leased, endsInMs: this.endsAtMs - nowMs });
      });
    });
  }
}
