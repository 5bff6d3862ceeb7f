import { Faults, Pipeline } from '@aisle/pipeline';
import type { PipelineOptions } from '@aisle/pipeline';
import { systemRuntime as runtime } from '@aisle/std';
import { eventually } from '@aisle/std/testing';
import { Supervisor, System } from '@aisle/supervision';
import type { ReceivedEvent } from '../consumer/received-event.ts';
import { BackboneSource } from '../pipeline/backbone.source.ts';
import { keysOf, orders } from './event-world.ts';
import type { EventWorld } from './event-world.ts';

/** The contract of a pipeline's source, for every backbone; `lose` removes the backbone's entries of a topic. */
export function describeSources(made: () => { world: EventWorld; lose: (topic: string) => Promise<void> }): void {
  let world: EventWorld;
  let lose: (topic: string) => Promise<void>;
  let running: { stop: () => Promise<void> }[];

  beforeAll(() => void ({ world, lose } = made()));

  describe('a source', () => {
    beforeEach(() => void (running = []));
    afterEach(async () => {
      for (const one of running.reverse()) await one.stop();
    });

    it('gives every event to the pipeline, and saves acknowledged positions', async () => {
      const sink: string[] = [];
      world.relay();
      await pipeline({ process: (events) => void sink.push(...keysOf(events)) });

      await world.produce(orders(3_000));
      await world.settled();

      expect(sink.sort()).toEqual(orders(3_000).sort());
    });

    it('loses nothing to processors that crash, and keeps the order of each key', async () => {
      const sink: ReceivedEvent[] = [];
      world.relay();
      await pipeline({
        processors: 4,
        partitionBy: ({ event }) => event.key,
        retry: { backoffMs: 5 },
        faults: new Faults([{ at: 'consumer', kind: 'crash', probability: 0.02, seed: 1 }]),
        process: (events) => void sink.push(...events),
      });
      const keys = Array.from({ length: 2_000 }, (_, index) => `order-${index % 100}`);
      let count = 0;

      await world.produce(keys, () => String((count += 1)).padStart(6, '0'));
      await world.settled();

      for (const key of new Set(keys)) {
        const ids = sink.filter(({ event }) => event.key === key).map(({ event }) => event.id);
        const once = [...new Set(ids)];
        expect(once).toEqual([...once].sort());
        expect(once).toHaveLength(20);
      }
    });

    it('asks for at most the demand of the pipeline and the room of its buffers', async () => {
      let goOn = (): void => {};
      const goesOn = new Promise<void>((resolve) => (goOn = resolve));
      const sink: string[] = [];
      world.relay();
      const counts = await pipeline({
        maxDemand: 10,
        processors: 2,
        process: async (events) => {
          await goesOn;
          sink.push(...keysOf(events));
        },
      });
      await world.produce(orders(2_000));
      await eventually(() => expect(counts.stats().inFlight).toBe(20));

      expect(counts.stats().produced).toBe(20);
      goOn();
      await world.settled();

      expect(sink).toHaveLength(2_000);
    });

    it('gives unacknowledged events to the next process, even if the backbone lost them in the meantime', async () => {
      const [first, second]: [string[], string[]] = [[], []];
      world.relay();
      await pipeline({
        // A whole fetch is acknowledged at once, so it must be much smaller than 500.
        maxDemand: 50,
        process: async (events) => {
          if (first.length >= 500) return new Promise(() => {});
          first.push(...keysOf(events));
        },
        drainMs: 1,
      });
      await world.produce(orders(2_000));
      await eventually(() => expect(first.length).toBeGreaterThanOrEqual(500));
      for (const one of running.splice(0).reverse()) await one.stop();

      await lose(world.topic);
      await pipeline({ process: (events) => void second.push(...keysOf(events)) });
      await world.settled();

      expect(new Set([...first, ...second]).size).toBe(2_000);
      expect(second.length).toBeLessThan(2_000);
    });

    it('records given-up events as dead letters, and brings them back by a redrive', async () => {
      let isCured = false;
      const sink: string[] = [];
      world.relay();
      await pipeline({
        retry: { attemptsMax: 2, backoffMs: 5 },
        process: (events) => {
          if (!isCured && events.some(({ event }) => event.key === 'order-7')) throw new Error('cannot be');
          sink.push(...keysOf(events));
        },
      });
      await world.produce(orders(100));
      await world.settled();
      const of = { consumer: world.consumer };
      expect(await world.deadLetters.list(of)).toMatchObject([{ key: 'order-7', code: 'GivenUp' }]);

      isCured = true;
      await world.deadLetters.redrive(of);

      await eventually(async () => expect(await world.deadLetters.list(of)).toEqual([]));
      expect(new Set(sink).size).toBe(100);
    });
  });

  async function pipeline(
    options: Omit<PipelineOptions<ReceivedEvent>, 'source' | 'batchers'> & {
      process: (events: readonly ReceivedEvent[]) => void | Promise<void>;
    },
  ): Promise<Pipeline<ReceivedEvent>> {
    const source = new BackboneSource({
      name: world.consumer,
      topics: [world.topic],
      backbone: world.backbone,
      database: { url: world.database.appUrl, applicationName: 'test-source' },
      runtime,
      leaseMs: 1_000,
      bufferMax: 100,
    });
    source.start();
    const deadLetter = (event: ReceivedEvent, attempts: number): Promise<void> => source.deadLetter(event, attempts);
    const made = new Pipeline<ReceivedEvent>(runtime, {
      ...options, source: source.open, retry: { backoffMs: 5, deadLetter, ...options.retry },
    });
    const tree = Supervisor.childSpec({ strategy: 'one_for_one', children: [made.childSpec()] }, { id: 'test' });
    const root = await new System(runtime, { hooks: {} }).start(tree);
    running.push(source, { stop: () => root.stop() });
    return made;
  }
}
