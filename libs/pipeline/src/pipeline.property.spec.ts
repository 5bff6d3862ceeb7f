import { Supervisor, type Address, type ChildSpec } from '@aisle/supervision';
import { VirtualSystem } from '@aisle/supervision/testing';
import fc from 'fast-check';
import { Faults, consumer, ended, producer, producerConsumer } from './index.ts';
import type { Dispatcher, Fault, OutletCounts, ProducerProtocol, SubscribeOptions } from './index.ts';

// The laws of a pipeline, for any schedule of faults. A failing schedule shrinks to the fewest faults that break it.
// Everything runs on virtual time, so one schedule is one run.

interface Event {
  readonly id: number;
  readonly key: number;
}

/** Kills a process, or makes its batches crash, repeat or take time. */
const fault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({
    at: fc.constantFrom('consumer' as const, 'producer-consumer' as const),
    kind: fc.constantFrom('crash' as const, 'delay' as const, 'duplicate' as const, 'stall' as const),
    probability: fc.constantFrom(0.01, 0.1, 0.3),
    seed: fc.nat(1_000),
  }),
  fc.record({
    at: fc.constant('producer' as const),
    kind: fc.constantFrom('crash' as const, 'delay' as const, 'stall' as const),
    probability: fc.constantFrom(0.01, 0.1),
    seed: fc.nat(1_000),
  }),
);
/** Kills child number `child` from outside after `atMs`, at any point of a turn. */
const kill = fc.record({ atMs: fc.nat(50), child: fc.nat(10) });
const dispatcher: fc.Arbitrary<Dispatcher<Event>> = fc.constantFrom(
  { kind: 'demand' } as const,
  { kind: 'broadcast', subscribers: ['sink 0', 'sink 1', 'sink 2'] } as const,
  { kind: 'partition', partitions: 3, by: ({ key }: Event) => key } as const,
);
const schedule = fc.record({
  events: fc.integer({ min: 1, max: 300 }),
  maxDemand: fc.integer({ min: 1, max: 40 }),
  faults: fc.array(fault, { maxLength: 4 }),
  kills: fc.array(kill, { maxLength: 4 }),
  through: fc.boolean(),
  dispatcher,
  backoffMs: fc.constantFrom(0, 5),
});
type Schedule = typeof schedule extends fc.Arbitrary<infer S> ? S : never;

const RUNS = { numRuns: 60 };

describe('a pipeline under faults', () => {
  it('L1: never emits more than was demanded, and loses no demand by a crash', async () => {
    await law(async (world, { maxDemand }) => {
      const flow = await world.runThrough();

      expect(flow.demand).toBe(flow.subscribers * maxDemand);
    });
  });

  it('L2: drops no event under any crashes', async () => {
    await law(async (world, { events, dispatcher: { kind } }) => {
      await world.runThrough();

      const everywhere = kind === 'broadcast' ? world.sinks : [world.sinks.flat()];
      for (const sink of everywhere) expect(new Set(sink.map(({ id }) => id)).size).toBe(events);
    });
  });

  it('L3: acknowledges an event after its sink has it, and repeats an unacknowledged one', async () => {
    await law(async (world, { events }) => {
      await world.runThrough();

      expect(world.acknowledgedTooSoon).toEqual([]);
      expect(world.acknowledged.size).toBe(events);
    });
  });

  it('L4: keeps the order of a key through crashes and waits', async () => {
    const partition = schedule.map((each): Schedule => ({
      ...each,
      dispatcher: { kind: 'partition', partitions: 3, by: ({ key }) => key },
    }));
    await law(async (world) => {
      await world.runThrough();

      for (const sink of world.sinks) {
        const seen = [...new Set(sink.map(({ id }) => id))];
        for (let key = 0; key < KEYS; key += 1) {
          const ofKey = seen.filter((id) => id % KEYS === key);
          expect(ofKey).toEqual([...ofKey].sort((one, other) => one - other));
        }
      }
    }, partition);
  });

  it('L5: knows where every event is, at any time', async () => {
    await law(async (world) => {
      for (let round = 0; round < 20; round += 1) {
        await world.system.advance(3);
        if (world.isUp) balanced(await world.counts());
      }
      const flow = await world.runThrough();

      balanced(flow);
      expect(flow).toMatchObject({ parked: 0, queued: 0, inFlight: 0 });
    });
  });

  it('L6: produces no more than its slowest consumers leave room for', async () => {
    await law(async (world, { maxDemand }) => {
      let most = 0;
      for (let round = 0; round < 30; round += 1) {
        await world.system.advance(1);
        if (!world.isUp) continue;
        const flow = await world.counts();
        most = Math.max(most, flow.queued + flow.parked + flow.inFlight);
      }
      await world.runThrough();

      expect(most).toBeLessThanOrEqual(2 * CONSUMERS * maxDemand);
    }, schedule.map((each) => ({ ...each, events: 500, faults: [...each.faults, slow] })));
  });
});

const KEYS = 7;
const CONSUMERS = 3;
// The order of a key is kept if every dispatcher on the way knows keys.
const keyed: Dispatcher<Event> = { kind: 'partition', partitions: 1, by: ({ key }) => key };
const slow: Fault = { at: 'consumer', kind: 'delay', ms: 2, probability: 1, seed: 1 };

function balanced(flow: OutletCounts): void {
  const { produced, acknowledged, deadLettered, parked, queued, inFlight } = flow;
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

/**
 * A pipeline of one producer and three consumers, perhaps with a stage between, and the records of its source and
 * sinks.
 */
class World {
  readonly system = new VirtualSystem();
  readonly sinks: Event[][] = Array.from({ length: CONSUMERS }, () => []);
  readonly acknowledged = new Set<number>();
  readonly acknowledgedTooSoon: number[] = [];
  readonly faults: Faults;
  private next = 0;
  private readonly stored = new Set<number>();

  private constructor(private readonly schedule: Schedule) {
    this.faults = new Faults(schedule.faults);
  }

  static async of(each: Schedule): Promise<World> {
    const world = new World(each);
    const children = [world.source(), ...world.between(), ...world.consumers()];
    const tree = { strategy: 'rest_for_one' as const, maxRestarts: Infinity, children };
    await world.system.start(Supervisor.childSpec(tree, { id: 'p' }));
    for (const { atMs, child } of each.kills) {
      const victim = children[child % children.length] as ChildSpec;
      const shoot = (): void => world.system.address(`p/${victim.id}`).whereis()?.exit('kill');
      world.system.virtual.timers.after(atMs, shoot);
    }
    return world;
  }

  /** Runs until everything is acknowledged. Crashes stop after a while, so that there is an end. */
  async runThrough(): Promise<OutletCounts> {
    await this.system.advance(2_000);
    this.faults.set([]);
    // A stalled stage has its shutdown time to end, and the stages before it wait for that.
    await this.system.advance(20_000);
    let isFinished = false;
    const end = this.address.call('finished', undefined, { timeoutMs: 'infinity' });
    end.then(() => (isFinished = true), () => undefined);
    for (let round = 0; round < 200 && !isFinished; round += 1) await this.system.advance(1_000);
    expect(isFinished).toBe(true);
    return this.counts();
  }

  /** False while it waits for its restart. Its later siblings end first. */
  get isUp(): boolean {
    return this.address.whereis() !== undefined;
  }

  /** The counts of the producer. */
  async counts(): Promise<OutletCounts> {
    const flow = this.address.call('counts');
    await this.system.settle();
    return flow;
  }

  private get address(): Address<ProducerProtocol> {
    return this.system.address<ProducerProtocol>('p/source');
  }

  private source(): ChildSpec {
    const { events, through, dispatcher, backoffMs } = this.schedule;
    const handleDemand = (demand: number): Event[] | typeof ended => {
      const size = Math.min(demand, events - this.next);
      if (size === 0) return ended;
      return Array.from({ length: size }, () => ({ id: this.next, key: this.next++ % KEYS }));
    };
    const handleAck = (batch: readonly Event[]): void => {
      for (const { id } of batch) {
        this.acknowledged.add(id);
        if (!this.stored.has(id)) this.acknowledgedTooSoon.push(id);
      }
    };
    return producer<Event>(() => ({ handleDemand, handleAck }), {
      id: 'source', faults: this.faults, retry: { backoffMs }, dispatcher: through ? keyed : dispatcher,
    });
  }

  private between(): ChildSpec[] {
    const { through, dispatcher, backoffMs } = this.schedule;
    const pass = (events: readonly Event[]): readonly Event[] => events;
    const options = { id: 'between', faults: this.faults, retry: { backoffMs }, dispatcher };
    const subscribeTo = [this.subscribed('source')];
    return through
      ? [producerConsumer<Event, Event>(() => ({ handleEvents: pass }), { ...options, subscribeTo })]
      : [];
  }

  private consumers(): ChildSpec[] {
    const above = this.schedule.through ? 'between' : 'source';
    return this.sinks.map((sink, partition) => {
      const handleEvents = (events: readonly Event[]): void => {
        sink.push(...events);
        for (const { id } of events) this.stored.add(id);
      };
      const subscribeTo = [{ ...this.subscribed(above), partition }];
      const options = { id: `sink ${partition}`, faults: this.faults, subscribeTo };
      return consumer<Event>(() => ({ handleEvents }), options);
    });
  }

  private subscribed(to: string): SubscribeOptions<Event> {
    return { to: this.system.address(`p/${to}`), maxDemand: this.schedule.maxDemand };
  }
}
