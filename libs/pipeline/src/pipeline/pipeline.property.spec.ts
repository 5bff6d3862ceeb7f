import { sleep } from '@aisle/std';
import { VirtualSystem } from '@aisle/supervision/testing';
import fc from 'fast-check';
import { ended, Faults, Pipeline } from '../index.ts';
import type { Fault, OpenSource, PipelineOptions, PipelineStats } from '../index.ts';

// The laws of `pipeline.property.spec.ts`, for pipelines whose shape changes while they run. A failing schedule shrinks
// to the fewest faults and changes that break it. One schedule is one run.

interface Event {
  readonly id: number;
  readonly key: number;
}

const probability = fc.constantFrom(0.01, 0.1, 0.3);
const seed = fc.nat(1_000);
const fault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({
    at: fc.constantFrom('consumer' as const, 'producer-consumer' as const),
    kind: fc.constantFrom('crash' as const, 'delay' as const, 'duplicate' as const, 'stall' as const),
    probability,
    seed,
  }),
  fc.record({
    at: fc.constant('producer' as const),
    kind: fc.constantFrom('crash' as const, 'delay' as const, 'stall' as const),
    probability,
    seed,
  }),
);
/** After `atMs`: the number of processors and the demand of each. */
const change = fc.record({
  afterMs: fc.nat(40),
  processors: fc.nat(5),
  maxDemand: fc.integer({ min: 1, max: 20 }),
  producers: fc.integer({ min: 1, max: 3 }),
});
const kill = fc.record({
  atMs: fc.nat(60),
  stage: fc.constantFrom(
    'producers/producer 0', 'processors/processor 0', 'processors/processor 1', 'processors', 'producers',
    'batchers/batcher all 0', 'batchers/batch all 0', 'control',
  ),
});
const schedule = fc.record({
  events: fc.integer({ min: 1, max: 200 }),
  isKeyed: fc.boolean(),
  /** Without batches, or with batches of this size. */
  batch: fc.option(fc.integer({ min: 1, max: 30 }), { nil: undefined }),
  // Never 0: a batch that hardly ever survives would be repeated without a pause.
  backoffMs: fc.constantFrom(1, 5),
  isAckShaky: fc.boolean(),
  faults: fc.array(fault, { maxLength: 3 }),
  kills: fc.array(kill, { maxLength: 2 }),
  changes: fc.array(change, { maxLength: 3 }),
});
type Schedule = typeof schedule extends fc.Arbitrary<infer S> ? S : never;

const RUNS = { numRuns: 40 };
const KEYS = 7;
const FIRST = { producers: 1, processors: 3, maxDemand: 10 };

describe('a pipeline whose shape changes, under faults', () => {
  it('L1: loses no demand', async () => {
    await law(async (world) => {
      const { demand, subscribers, maxDemand } = await world.runThrough();

      expect(demand).toBe(subscribers * maxDemand);
    });
  });

  it('L2 and L3: drops nothing, and acknowledges each event once, after its sink has it', async () => {
    await law(async (world, { events }) => {
      await world.runThrough();

      expect(new Set(world.stored).size).toBe(events);
      expect(world.acknowledgedTooSoon).toEqual([]);
      expect([...world.acknowledged].sort((one, other) => one - other)).toEqual(idsUpTo(events));
    });
  });

  it('L4: keeps the order of a key', async () => {
    // One producer only: two that share a source give a key's events in no order.
    const keyed = schedule.map((each) => ({
      ...each, isKeyed: true, changes: each.changes.map((step) => ({ ...step, producers: 1 })),
    }));
    await law(async (world, { events }) => {
      await world.runThrough();

      const seen = [...new Set(world.stored)];
      for (let key = 0; key < KEYS; key += 1) {
        const ofKey = idsUpTo(events).filter((id) => id % KEYS === key);
        expect(seen.filter((id) => id % KEYS === key)).toEqual(ofKey);
      }
    }, keyed);
  });

  it('L5: knows where every event is, at any time', async () => {
    await law(async (world) => {
      for (let round = 0; round < 20; round += 1) {
        await world.system.advance(3);
        balanced(world.pipeline.stats());
      }
      const stats = await world.runThrough();

      balanced(stats);
      expect(stats).toMatchObject({ parked: 0, queued: 0, inFlight: 0 });
    });
  });

  it('L6: fetches no more than its stages leave room for', async () => {
    const still = schedule.map((each): Schedule => ({ ...each, events: 1_000, changes: [] }));
    await law(async (world, { batch = 0 }) => {
      let most = 0;
      for (let round = 0; round < 30; round += 1) {
        await world.system.advance(1);
        const { queued, parked, inFlight } = world.pipeline.stats();
        most = Math.max(most, queued + parked + inFlight);
      }

      // The demand of the processors, plus the events in batches below them: one that fills, and two for its consumer.
      const mayHave = FIRST.processors * FIRST.maxDemand;
      expect(most).toBeLessThanOrEqual(2 * mayHave + (batch === 0 ? 0 : (4 * batch + 1) * FIRST.maxDemand));
    }, still);
  });
});

function idsUpTo(count: number): number[] {
  return Array.from({ length: count }, (_, id) => id);
}

function balanced({ produced, acknowledged, deadLettered, parked, queued, inFlight }: PipelineStats): void {
  expect(produced).toBe(acknowledged + deadLettered + parked + queued + inFlight);
}

async function law(
  holds: (world: World, schedule: Schedule) => Promise<void>,
  schedules: fc.Arbitrary<Schedule> = schedule,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(schedules, async (each) => holds(await World.of(each), each)),
    RUNS,
  );
}

/** A pipeline, the records of its source and sinks, and the schedule of its faults. */
class World {
  readonly system = new VirtualSystem();
  readonly stored: number[] = [];
  readonly acknowledged: number[] = [];
  readonly acknowledgedTooSoon: number[] = [];
  readonly pipeline: Pipeline<Event>;
  private readonly known = new Set<number>();
  private next = 0;
  private acks = 0;
  private changed: Promise<void> = Promise.resolve();

  private constructor(private readonly schedule: Schedule) {
    this.pipeline = new Pipeline(this.system.virtual, this.options());
  }

  static async of(each: Schedule): Promise<World> {
    const world = new World(each);
    await world.system.start(world.pipeline.childSpec());
    const { timers } = world.system.virtual;
    for (const { atMs, stage } of each.kills) {
      timers.after(atMs, () => world.system.address(`pipeline/${stage}`).whereis()?.exit('kill'));
    }
    world.changed = world.change();
    return world;
  }

  /** Runs until everything is acknowledged. Faults stop after a while, so that there is an end. */
  async runThrough(): Promise<PipelineStats> {
    await this.system.advance(2_000);
    this.pipeline.faults.set([]);
    // It may have been changed to have no processor. A stalled stage delays the change.
    void this.changed.then(() => this.pipeline.configure({ processors: 2 }));
    let isFinished = false;
    void this.pipeline.finished().then(() => (isFinished = true));
    for (let round = 0; round < 100 && !isFinished; round += 1) await this.system.advance(1_000);
    expect(isFinished).toBe(true);
    return this.pipeline.stats();
  }

  private async change(): Promise<void> {
    for (const { afterMs, ...shape } of this.schedule.changes) {
      await sleep(this.system.virtual, afterMs);
      await this.pipeline.configure(shape);
    }
  }

  private options(): PipelineOptions<Event> {
    const { faults, isKeyed, batch, backoffMs } = this.schedule;
    const keyOf = ({ key }: Event): number => key;
    const common = {
      ...FIRST,
      source: this.source(),
      faults: new Faults(faults),
      retry: { backoffMs },
      ...(isKeyed && { partitionBy: keyOf }),
    };
    const store = (events: readonly Event[]): void => {
      for (const { id } of events) {
        this.stored.push(id);
        this.known.add(id);
      }
    };
    if (batch === undefined) return { ...common, process: store };
    const keyed = isKeyed && { partitionBy: keyOf, concurrency: 2 };
    const batcher = { size: batch, withinMs: 20, handle: store, ...keyed };
    return { ...common, process: (events) => events, batchers: { all: batcher } };
  }

  private source(): OpenSource<Event> {
    const { events, isAckShaky } = this.schedule;
    return () => ({
      fetch: (demand) => {
        const size = Math.min(demand, events - this.next);
        if (size === 0) return ended;
        return Array.from({ length: size }, () => ({ id: this.next, key: this.next++ % KEYS }));
      },
      ack: async (batch) => {
        if (isAckShaky && (this.acks += 1) % 3 === 0) throw new Error('away');
        for (const { id } of batch) {
          this.acknowledged.push(id);
          if (!this.known.has(id)) this.acknowledgedTooSoon.push(id);
        }
      },
    });
  }
}
