import { sleep } from '../sleep.ts';
import { VirtualRuntime } from './virtual-runtime.ts';

describe('VirtualRuntime', () => {
  it('fires timers by due time and then by request, cancelled ones never', async () => {
    const runtime = new VirtualRuntime();
    const fired: number[] = [];
    const delays = Array.from({ length: 500 }, () => runtime.random.int(100));
    const timers = delays.map((delayMs, index) => runtime.timers.after(delayMs, () => fired.push(index)));
    const cancelled = delays.map(() => runtime.random.int(3) === 0);
    timers.forEach((timer, index) => cancelled[index] && timer.cancel());
    const expected = [...delays.keys()]
      .filter((index) => !cancelled[index])
      .sort((one, other) => (delays[one] ?? 0) - (delays[other] ?? 0) || one - other);
    expect(runtime.pendingTimers).toBe(expected.length);

    await runtime.advance(100);

    expect(fired).toEqual(expected);
    expect(runtime.pendingTimers).toBe(0);
  });

  it('settles the promises of a timer, however deep, before the next timer of the same instant', async () => {
    const runtime = new VirtualRuntime();
    const order: string[] = [];
    const deep = async (name: string): Promise<void> => {
      for (let depth = 0; depth < 50; depth += 1) await Promise.resolve();
      runtime.defer(() => order.push(`${name} deferred`));
      order.push(name);
    };
    runtime.timers.after(1, () => void deep('first'));
    runtime.timers.after(1, () => void deep('second'));

    await runtime.advance(1);

    expect(order).toEqual(['first', 'first deferred', 'second', 'second deferred']);
  });

  it('shows each callback its own instant, and runs the timers that a callback sets', async () => {
    const runtime = new VirtualRuntime();
    const instants: number[] = [];
    const run = async (): Promise<void> => {
      for (let step = 0; step < 3; step += 1) {
        await sleep(runtime, 10);
        instants.push(runtime.clock.monotonicMs());
      }
    };

    void run();
    await runtime.advance(25);

    expect(instants).toEqual([10, 20]);
    expect(runtime.clock.monotonicMs()).toBe(25);
  });

  it('fires an interval until it is cancelled, from within itself too', async () => {
    const runtime = new VirtualRuntime();
    let fired = 0;
    const interval = runtime.timers.every(10, () => {
      fired += 1;
      if (fired === 3) interval.cancel();
    });

    await runtime.advance(1_000);

    expect(fired).toBe(3);
    expect(runtime.pendingTimers).toBe(0);
  });

  it('draws the same numbers from the same seed', () => {
    const drawn = (seed: number): unknown => {
      const { random } = new VirtualRuntime(seed);
      return [random.next(), random.int(1_000), [...random.bytes(4)]];
    };

    expect(drawn(7)).toEqual(drawn(7));
    expect(drawn(7)).not.toEqual(drawn(8));
  });
});
