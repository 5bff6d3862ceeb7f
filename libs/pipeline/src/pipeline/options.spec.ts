import { systemRuntime } from '@aisle/std';
import { genServer, ok, Supervisor, type ChildSpec, type Ref, type Unchecked } from '@aisle/supervision';
import { VirtualSystem } from '@aisle/supervision/testing';
import fc from 'fast-check';
import {
  consumer, Faults, from, MemorySource, Pace, Pipeline, producer, producerConsumer, RateLimit, terminator, tumbling, WorkerPool,
} from '../index.ts';

const NO_COUNTS = [-1, 1.5, NaN, '3', null];
const NO_DURATIONS = [-1, NaN, -Infinity, 'soon', null];
const RETRY: [string, unknown[]] = ['retry', [
  5, ...NO_DURATIONS.map((backoffMs) => ({ backoffMs })), ...NO_DURATIONS.map((backoffMaxMs) => ({ backoffMaxMs })),
  ...[0, ...NO_COUNTS].map((attemptsMax) => ({ attemptsMax })), { deadLetter: 'log' },
]];
const COMMON: [string, unknown[]][] = [
  RETRY, ['id', [5, null, {}]], ['maxRestarts', NO_COUNTS], ['drainMs', NO_DURATIONS], ['maxDemand', [0, ...NO_COUNTS]],
];

function rows(table: [string, unknown[]][]): [string, unknown][] {
  return table.flatMap(([option, values]) => values.map((value): [string, unknown] => [option, value]));
}

describe('an invalid option', () => {
  it.each(rows([
    ...COMMON, ['source', [undefined, 5]], ['process', [undefined, {}]], ['producers', NO_COUNTS], ['processors', NO_COUNTS],
    ['rate', [-1, NaN, '3', null]], ['partitionBy', ['id']], ['hooks', [5, { onFailure: 'log' }]], ['batchers', [{}, 5, { a: {} }]],
  ]))('is refused by a Pipeline: %s %p', (option, value) => {
    const options = { source: new MemorySource().open, process: () => undefined, [option]: value };

    expect(thrownBy(() => new Pipeline(systemRuntime, options as Unchecked))).toMatch(option);
  });

  it.each(rows([
    ['size', [0, ...NO_COUNTS]], ['withinMs', NO_DURATIONS], ['concurrency', [0, ...NO_COUNTS]], ['partitionBy', ['id']],
    ['handle', [undefined, 5]], RETRY,
  ]))('is refused of a batcher: %s %p', (option, value) => {
    const batchers = { all: { handle: () => undefined, [option]: value } };
    const options = { source: new MemorySource().open, process: (events: unknown) => events, batchers };

    expect(thrownBy(() => new Pipeline(systemRuntime, options as Unchecked))).toMatch(`batchers.all.${option}`);
  });

  it.each(rows([...COMMON]))('is refused by a flow: %s %p', (option, value) => {
    expect(thrownBy(() => from([1]).into(() => undefined, { [option]: value } as Unchecked))).toMatch(option);
  });

  it.each<[string, () => unknown]>([
    ['stages', () => from([1]).partition({ by: (n) => n, stages: 0 })],
    ['stages', () => from([1]).partition({ by: (n) => n, stages: NaN })],
    ['by', () => from([1]).partition({ by: 'id' as Unchecked, stages: 2 })],
    ['step', () => from([1]).map('id' as Unchecked)],
    ['sink', () => from([1]).into(5 as Unchecked)],
    ['window', () => tumbling(0)],
    ['window', () => tumbling(NaN)],
    ['window', () => tumbling({ ms: -1 })],
    ['window', () => tumbling({ ms: NaN })],
    ['rate', () => new RateLimit(NaN)],
    ['burst', () => new RateLimit(1, -1)],
    ['pace', () => new Pace(systemRuntime, { share: 2 })],
    ['probability', () => new Faults([{ at: 'consumer', kind: 'crash', probability: 2, seed: 1 }])],
    ['kind', () => new Faults([{ at: 'consumer', kind: 'crsh', probability: 1, seed: 1 } as Unchecked])],
    ['ms', () => new Faults([{ at: 'consumer', kind: 'delay', probability: 1, seed: 1, ms: NaN }])],
    ['size', () => new WorkerPool({ name: 'square', beside: '', size: 0 })],
    ['drainMs', () => terminator({ drainMs: NaN })],
    ['id', () => consumer(() => ({ handleEvents: () => undefined }), { id: 5 as Unchecked, subscribeTo: [] })],
    ['make', () => producer(5 as Unchecked, { id: 'p' })],
    ['dispatcher', () => producer(() => ({ handleDemand: () => [] }), { id: 'p', dispatcher: { kind: 'round_robin' } as Unchecked })],
    ['partitions', () => producer(() => ({ handleDemand: () => [] }), { id: 'p', dispatcher: { kind: 'partition', partitions: 0, by: () => 1 } })],
    ['retry', () => producerConsumer(() => ({ handleEvents: () => [] }), { id: 'p', subscribeTo: [], retry: { attemptsMax: 0 } })],
  ])('is refused: %s, row %#', (option, make) => {
    expect(thrownBy(make)).toMatch(option);
  });

  it.each(rows([
    ['maxDemand', [0, ...NO_COUNTS]], ['minDemand', [10, ...NO_COUNTS]], ['cancel', ['never']], ['free', ['never']],
    ['partition', [5, ...NO_COUNTS]], ['selector', ['id']],
  ]))('fails the start of its subscriber, and not its producer: %s %p', async (option, value) => {
    const system = new VirtualSystem();
    const source = producer<number>(() => ({ handleDemand: () => [] }), { id: 'source', dispatcher: { kind: 'partition', partitions: 2, by: (n) => n } });
    const numbers = await system.start(source);
    const subscription = { to: system.address('source'), maxDemand: 10, [option]: value } as Unchecked;

    const started = system.start(consumer<number>(() => ({ handleEvents: () => undefined }), { id: 'sink', subscribeTo: [subscription] }));

    await expect(started).rejects.toMatchObject({ code: 'child.start_failed', details: { reason: expect.stringContaining(option) as string } });
    await system.settle();
    expect([numbers.alive, system.crashes.length]).toEqual([true, 0]);
  });
});

describe('any value of any option', () => {
  const value = fc.oneof(
    fc.anything(), fc.double(), fc.integer({ min: -3, max: 20 }), fc.constantFrom(0, 1, Infinity, NaN, undefined, null, ''),
  );
  const names = ['producers', 'processors', 'maxDemand', 'maxRestarts', 'drainMs', 'retry', 'hooks', 'partitionBy', 'batchers', 'route'];

  it('is refused by a RangeError or TypeError, or makes a pipeline that handles all events and ends', async () => {
    await fc.assert(fc.asyncProperty(fc.constantFrom(...names), value, async (option, given) => {
      const system = new VirtualSystem();
      const source = new MemorySource([1, 2, 3]);
      source.close();
      const handled: number[] = [];
      const options = { source: source.open, process: (events: number[]) => void handled.push(...events), [option]: given } as Unchecked;
      let pipeline: Pipeline<number>;
      try {
        pipeline = new Pipeline<number>(system.runtime, options);
      } catch (error) {
        expect(error instanceof RangeError || error instanceof TypeError).toBe(true);
        return;
      }
      const { producers, processors } = pipeline.stats();
      if (producers === 0 || processors === 0 || producers > 50 || processors > 50) return;

      const root: Ref = await system.start(Supervisor.childSpec({ strategy: 'one_for_one', maxRestarts: Infinity, children: [pipeline.childSpec()] }));
      await system.advance(1_000);

      expect(handled).toEqual([1, 2, 3]);
      expect(await pipeline.finished()).toBe('ended');
      root.exit('kill');
    }), { numRuns: 200, examples: [['maxDemand', 2 ** 31], ['maxDemand', Number.MAX_SAFE_INTEGER]] });
  });
});

describe('any message to a stage', () => {
  it('leaves it alive', async () => {
    const system = new VirtualSystem();
    const source = new MemorySource<number>();
    const pipeline = new Pipeline<number>(system.runtime, { source: source.open, process: (ids) => ids, batchers: { all: { handle: () => undefined } } });
    const Idle = genServer<Record<never, never>, null>({ name: 'Idle', init: () => ok(null) });
    const children: ChildSpec[] = [Idle.childSpec(undefined), pipeline.childSpec()];
    await system.start(Supervisor.childSpec({ strategy: 'one_for_one', children }));
    const all = [...system.processes];

    await fc.assert(fc.asyncProperty(fc.anything(), async (message) => {
      for (const ref of all) ref.send(message);
      for (const ref of all) ref.cast('counts', message);
      await system.settle();
      expect(all.filter(({ alive }) => !alive).map(({ label }) => label)).toEqual([]);
    }), { numRuns: 100, examples: [[undefined], [null], [{ type: 'down' }], [{ type: 'exit' }], [Symbol('x')]] });
    expect(system.crashes).toEqual([]);
  });
});

describe('a pipeline that cannot run dry in its time', () => {
  it.each([0, 100])('ends soon after drainMs of %d, however stuck its processors are', async (drainMs) => {
    const system = new VirtualSystem();
    const source = new MemorySource([1, 2, 3]);
    const pipeline = new Pipeline<number>(system.runtime, { source: source.open, drainMs, process: () => new Promise<void>(() => undefined) });
    const root = await system.start(pipeline.childSpec());
    await system.advance(10);

    const stopped = root.stop();
    await system.advance(3 * drainMs + 1);
    await stopped;

    expect(system.processCount).toBe(0);
    expect(source.unacked).toBe(3);
  });
});

function thrownBy(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError) return error.message;
    throw error;
  }
  return 'accepted';
}
