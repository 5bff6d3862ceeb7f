import type { SimulatedProcess } from './simulated-process.ts';
import { World } from './world.ts';

describe('a paused process', () => {
  it('runs nothing until it is resumed, and then its overdue callbacks in order', async () => {
    const { world, process, did, doAfter } = machine();
    doAfter(10, 'timer 1');
    doAfter(20, 'timer 2');
    void process.ask<string>((resolve) => world.runtime.timers.after(15, () => resolve('answer'))).then(did);
    doAfter(100, 'timer 3');
    process.pause();

    await world.runFor(50);
    expect(done(world)).toEqual([]);

    process.resume();
    await world.runFor(0);
    expect(done(world)).toEqual(['50 timer 1', '50 answer', '50 timer 2']);

    await world.runFor(50);
    expect(done(world)).toContain('100 timer 3');
  });

  it('runs callbacks that an overdue callback schedules after all overdue ones', async () => {
    const { world, process, did, doAfter } = machine();
    process.runtime.timers.after(1, () => {
      did('first');
      process.runtime.defer(() => did('deferred'));
      doAfter(0, 'asked for');
      void Promise.resolve().then(() => did('promise of the first'));
    });
    doAfter(2, 'second');
    process.pause();
    await world.runFor(10);

    process.resume();
    await world.runFor(1);

    expect(done(world).map((line) => line.split(' ').slice(1).join(' '))).toEqual([
      'first', 'promise of the first', 'second', 'deferred', 'asked for',
    ]);
  });

  it('does not run an overdue timer that another callback cancels', async () => {
    const { world, process, did } = machine();
    process.runtime.timers.after(1, () => {
      did('first');
      second.cancel();
    });
    const second = process.runtime.timers.after(2, () => did('second'));
    process.pause();
    await world.runFor(10);

    process.resume();
    await world.runFor(10);

    expect(done(world)).toEqual(['10 first']);
  });

  it('fires an interval once for all missed ticks', async () => {
    const { world, process, did } = machine();
    process.runtime.timers.every(10, () => did('tick'));
    process.pause();
    await world.runFor(35);

    process.resume();
    await world.runFor(10);

    expect(done(world)).toEqual(['35 tick', '45 tick']);
  });

  it('sees that its clocks have gone on', async () => {
    const { world, process } = machine();
    process.pause();

    await world.runFor(5_000);

    expect(process.runtime.clock.monotonicMs()).toBe(5_000);
  });
});

describe('a killed process', () => {
  it('runs nothing ever again, and receives no answer', async () => {
    const { world, process, did, doAfter } = machine();
    doAfter(10, 'timer');
    process.runtime.timers.every(10, () => did('interval'));
    process.runtime.defer(() => did('deferred'));
    const ask = (): Promise<void> =>
      process.ask<string>((resolve) => world.runtime.timers.after(5, () => resolve('answer'))).then(did);
    void ask();

    process.kill();
    void ask();
    doAfter(10, 'late timer');
    await world.runFor(100);

    expect(process.alive).toBe(false);
    expect(done(world)).toEqual([]);
  });

  it('does not run callbacks that became due during a pause', async () => {
    const { world, process, doAfter } = machine();
    doAfter(10, 'timer');
    process.pause();
    await world.runFor(20);

    process.kill();
    process.resume();
    await world.runFor(20);

    expect(done(world)).toEqual([]);
  });

  it('does not affect other processes', async () => {
    const { world, process } = machine();
    let fired = 0;
    world.process('other').runtime.timers.after(10, () => (fired += 1));

    process.kill();
    await world.runFor(10);

    expect(fired).toBe(1);
  });
});

describe('the clocks of a process', () => {
  it('drift and are skewed within their bounds, and so are its timers', async () => {
    const world = new World(3);
    const processes = [1, 2, 3, 4].map((number) =>
      world.process(`node-${number}`, { clockDriftMax: 0.1, wallClockSkewMsMax: 1_000 }));
    const firedAt: number[] = [];
    for (const { runtime } of processes) {
      runtime.timers.after(1_000, () => firedAt.push(runtime.clock.monotonicMs()));
    }

    await world.runFor(2_000);

    const elapsed = processes.map(({ runtime }) => runtime.clock.monotonicMs());
    const skews = processes.map(({ runtime }) => runtime.clock.nowMs() - world.runtime.clock.nowMs());
    for (const ms of elapsed) expect(Math.abs(ms - 2_000)).toBeLessThanOrEqual(200);
    for (const ms of skews) expect(Math.abs(ms)).toBeLessThanOrEqual(1_001);
    expect(new Set([...elapsed, ...skews]).size).toBe(8);
    for (const ms of firedAt) expect(ms).toBeCloseTo(1_000);
  });
});

interface Machine {
  readonly world: World;
  readonly process: SimulatedProcess;
  readonly did: (what: string) => void;
  readonly doAfter: (delayMs: number, what: string) => void;
}

function machine(): Machine {
  const world = new World(1);
  const process = world.process('node');
  const did = (what: string): void => world.note(`did ${what}`);
  const doAfter = (delayMs: number, what: string): void =>
    void process.runtime.timers.after(delayMs, () => did(what));
  return { world, process, did, doAfter };
}

/** The recorded actions, each with its virtual time in milliseconds. */
function done(world: World): string[] {
  return world.lastEvents(1_000).flatMap((line) => {
    const [, atMs, what] = /^ *(\d+)\.\d+ ms {2}did (.*)$/.exec(line) ?? [];
    return what === undefined ? [] : [`${atMs} ${what}`];
  });
}
