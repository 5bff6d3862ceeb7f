import { VirtualSystem } from '@aisle/supervision/testing';
import fc from 'fast-check';
import { ended, Faults, from, tumbling } from '../index.ts';
import type { Fault, FlowPipeline, OpenSource } from '../index.ts';

// The laws of `pipeline.property.spec.ts` for flows with windows: events in an open window are neither lost nor
// acknowledged too soon, under any crashes. A failing schedule shrinks.

const fault: fc.Arbitrary<Fault> = fc.record({
  at: fc.constantFrom('consumer' as const, 'producer-consumer' as const),
  kind: fc.constantFrom('crash' as const, 'delay' as const, 'duplicate' as const, 'stall' as const),
  probability: fc.constantFrom(0.01, 0.1),
  seed: fc.nat(1_000),
});
const kill = fc.record({
  atMs: fc.nat(40),
  stage: fc.constantFrom('source', 'layer 0 0', 'layer 1 0', 'layer 1 1', 'layer 2 0', 'sink 0'),
});
const schedule = fc.record({
  events: fc.integer({ min: 1, max: 150 }),
  maxDemand: fc.integer({ min: 1, max: 30 }),
  stages: fc.integer({ min: 1, max: 3 }),
  window: fc.integer({ min: 1, max: 20 }),
  windowOfWindows: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
  withinMs: fc.constantFrom(undefined, 15),
  // Never 0: a window that hardly ever survives would be repeated without a pause.
  backoffMs: fc.constantFrom(1, 5),
  faults: fc.array(fault, { maxLength: 3 }),
  kills: fc.array(kill, { maxLength: 3 }),
});
type Schedule = typeof schedule extends fc.Arbitrary<infer S> ? S : never;

const RUNS = { numRuns: 50 };

describe('a flow with windows, under faults', () => {
  it('drops nothing, and acknowledges each event once, after the sink has the result of its window', async () => {
    await fc.assert(
      fc.asyncProperty(schedule, async (each) => {
        const world = new World(each);

        await world.runThrough();

        expect(world.stored.size).toBe(Math.ceil(each.events / 2));
        expect(world.acknowledgedTooSoon).toEqual([]);
        expect(world.acknowledged.sort((one, other) => one - other)).toEqual([...Array(each.events).keys()]);
        expect(world.flow.counts).toMatchObject({ parked: 0, queued: 0, inFlight: 0, demand: each.maxDemand });
      }),
      RUNS,
    );
  });
});

class World {
  readonly system = new VirtualSystem();
  readonly stored = new Set<number>();
  readonly acknowledged: number[] = [];
  readonly acknowledgedTooSoon: number[] = [];
  readonly flow: FlowPipeline;
  private readonly faults: Faults;
  private next = 0;

  constructor(private readonly schedule: Schedule) {
    this.faults = new Faults(schedule.faults);
    this.flow = this.build();
  }

  async runThrough(): Promise<void> {
    await this.system.start(this.flow.childSpec());
    const { timers } = this.system.virtual;
    for (const { atMs, stage } of this.schedule.kills) {
      timers.after(atMs, () => this.system.address(`flow/${stage}`).whereis()?.exit('kill'));
    }
    await this.system.advance(200);
    this.faults.set([]);
    let isFinished = false;
    void this.flow.finished().then(() => (isFinished = true));
    for (let round = 0; round < 100 && !isFinished; round += 1) await this.system.advance(1_000);
    expect(isFinished).toBe(true);
  }

  /** Odd events produce nothing. The others go through windows, and perhaps through a second layer of windows. */
  private build(): FlowPipeline {
    const { stages, window, windowOfWindows, withinMs, maxDemand, backoffMs } = this.schedule;
    const size = withinMs === undefined ? tumbling(window) : tumbling({ ms: withinMs, eventsMax: window });
    const windows = from(this.source())
      .filter((id) => id % 2 === 0)
      .partition({ by: (id) => id, stages })
      .window(size)
      .reduce((): number[] => [], (ids, id) => [...ids, id]);
    const results = windowOfWindows === undefined
      ? windows
      : windows.window(tumbling(windowOfWindows)).reduce((): number[] => [], (all, ids) => [...all, ...ids]);
    const store = (batch: readonly number[][]): void => {
      for (const id of batch.flat()) this.stored.add(id);
    };
    return results.into(store, { maxDemand, faults: this.faults, retry: { backoffMs } });
  }

  private source(): OpenSource<number> {
    const { events } = this.schedule;
    return () => ({
      fetch: (demand) => {
        const size = Math.min(demand, events - this.next);
        return size === 0 ? ended : Array.from({ length: size }, () => this.next++);
      },
      ack: (batch) => {
        for (const id of batch) {
          this.acknowledged.push(id);
          if (id % 2 === 0 && !this.stored.has(id)) this.acknowledgedTooSoon.push(id);
        }
      },
    });
  }
}
