import type { Runtime } from '@aisle/std';
import { VirtualRuntime } from '@aisle/std/testing';
import { System } from '@aisle/supervision';
import { Pipeline, rate, RateLimit } from '../index.ts';
import { Pace } from './pace.ts';

const SHARE = 0.5;
const TURN_MS = 2;
const BATCH_MAX = 100;

describe('Pace', () => {
  let virtual: VirtualRuntime;
  let runtime: Runtime;
  let spentMs: number;
  let pace: Pace;

  beforeEach(() => {
    virtual = new VirtualRuntime();
    spentMs = 0;
    // Virtual time stands still while code runs, so the cost of code is added here.
    const clock = { ...virtual.clock, monotonicMs: () => virtual.clock.monotonicMs() + spentMs };
    runtime = { clock, timers: virtual.timers, random: virtual.random, defer: (run) => virtual.defer(run) };
    pace = new Pace(runtime, { share: SHARE, turnMs: TURN_MS, batchMax: BATCH_MAX });
  });

  it('grants a fetch its demand, up to a batch', () => {
    expect([pace.take(1), pace.take(1_000_000)]).toEqual([1, BATCH_MAX]);
  });

  it('is closed for the rest of a turn of the event loop that has taken too long', async () => {
    pace.take(1);
    spentMs += TURN_MS;

    expect(pace.take(1)).toBe(0);
    await virtual.settle();
    expect(pace.take(1)).toBe(0);
  });

  it.each([
    { tookMs: TURN_MS, shutMs: 0 },
    { tookMs: 3, shutMs: 2 },
    { tookMs: 10, shutMs: 16 },
    { tookMs: 1_000, shutMs: 1_996 },
  ])('is closed for $shutMs ms after a first turn of $tookMs ms, with 2 ms saved up and a share of one half', async (
    { tookMs, shutMs },
  ) => {
    pace.take(1);
    spentMs += tookMs;
    await virtual.settle();

    await virtual.advance(shutMs);
    const still = pace.take(1);
    await virtual.advance(1);

    expect([still, pace.take(1)]).toEqual([0, 1]);
  });

  it('admits fewer events when they cost more than expected', async () => {
    const taken: number[] = [];
    for (let turn = 0; turn < 50; turn += 1) {
      taken.push(pace.take(1_000));
      // The cost of an event comes after its fetch.
      spentMs += (taken.at(-1) as number) * 0.5;
      await virtual.settle();
      await virtual.advance(1_000);
    }

    expect(taken[0]).toBe(BATCH_MAX);
    expect(taken.at(-1)).toBe(TURN_MS / 0.5);
  });

  it('counts returned events as not fetched', () => {
    const all = TURN_MS * 100;
    const taken = [pace.take(BATCH_MAX), pace.take(BATCH_MAX), pace.take(1)];
    pace.giveBack(BATCH_MAX);

    expect([...taken, pace.take(all)]).toEqual([BATCH_MAX, BATCH_MAX, 0, BATCH_MAX]);
  });

  it('saves up at most one turn, however long nothing is fetched', async () => {
    await virtual.advance(60_000);
    pace.take(1);
    spentMs += 10;
    await virtual.settle();

    expect(pace.take(1)).toBe(0);
  });

  it('admits waiting producers in order and before all others, as long as there is time', async () => {
    const admitted: number[] = [];
    for (let n = 0; n < 10; n += 1) {
      pace.whenOpen(() => {
        admitted.push(n);
        pace.take(BATCH_MAX, true);
      });
    }
    const jumpsTheQueue = pace.take(1);
    const atOnce = [...admitted];

    await virtual.settle();

    expect([jumpsTheQueue, atOnce]).toEqual([0, []]);
    expect(admitted).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('goes on with the waiting producers when an admitted one wants nothing', async () => {
    const admitted: number[] = [];
    for (let n = 0; n < 10; n += 1) pace.whenOpen(() => void admitted.push(n));

    await virtual.settle();

    expect(admitted).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('admits no producer that has given up, and none before there is time', async () => {
    const admitted: string[] = [];
    pace.take(1);
    spentMs += 100;
    await virtual.settle();
    const giveUp = pace.whenOpen(() => admitted.push('gave up'));
    pace.whenOpen(() => admitted.push('waits'));
    giveUp();

    await virtual.advance(190);
    const early = [...admitted];
    await virtual.advance(10);

    expect([early, admitted]).toEqual([[], ['waits']]);
  });

  it.each([{ share: 0 }, { share: 1.1 }, { share: NaN }, { turnMs: 0 }, { turnMs: NaN }, { batchMax: 0 }])('refuses the options %j', (options) => {
    expect(() => new Pace(runtime, options)).toThrow(RangeError);
  });

  it.each([
    { producers: 16, processors: 64, maxDemand: 1, batchMs: 0.02 },
    { producers: 16, processors: 8, maxDemand: 10_000, batchMs: 1 },
    { producers: 1, processors: 1, maxDemand: 1, batchMs: 3 },
    { producers: 4, processors: 64, maxDemand: 2, batchMs: 0.5 },
  ])('keeps pipelines to their share: $producers producers, $processors processors, a demand of $maxDemand, $batchMs ms a batch', async (
    { batchMs, ...shape },
  ) => {
    const system = new System(runtime, { hooks: {} });
    const events = { made: 0, done: 0 };
    const pipelines = Array.from({ length: 3 }, (_, n) => new Pipeline<number>(runtime, {
      ...shape, pace, id: `pipeline ${n}`, rate: 1_000_000, source: rate(new RateLimit(Infinity), () => (events.made += 1)),
      process: (batch) => {
        events.done += batch.length;
        spentMs += batchMs;
      },
    }));
    const starts = pipelines.map((pipeline) => system.start(pipeline.childSpec()));

    await virtual.advance(1_000);
    await Promise.all(starts);

    const passedMs = runtime.clock.monotonicMs();
    expect(spentMs / passedMs).toBeLessThan(SHARE + 0.1);
    // They use the share, and each gets its part.
    expect(spentMs / passedMs).toBeGreaterThan(SHARE / 2);
    for (const pipeline of pipelines) expect(pipeline.stats().acknowledged).toBeGreaterThan(events.done / 6);
  });
});
