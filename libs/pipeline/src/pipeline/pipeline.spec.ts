import { sleep } from '@aisle/std';
import { VirtualSystem } from '@aisle/supervision/testing';
import { each, MemorySource, Pipeline, rate, RateLimit } from '../index.ts';
import type { BatcherOptions, OpenSource, PipelineOptions } from '../index.ts';

describe('Pipeline', () => {
  let system: VirtualSystem;

  beforeEach(() => {
    system = new VirtualSystem();
  });

  it('acknowledges events to its source once they are processed', async () => {
    const source = new MemorySource(numbers(10));
    const releases: (() => void)[] = [];
    const process = (): Promise<void> => new Promise((resolve) => releases.push(resolve));
    await start({ source: source.open, process, maxDemand: 1, processors: 2 });

    expect(source.acked).toEqual([]);
    expect(source.unacked).toBe(2);
    for (const release of releases) release();
    await system.settle();

    expect(source.acked).toEqual([0, 1]);
  });

  it('routes the results of processors to their batchers', async () => {
    const source = new MemorySource(numbers(7));
    const batches: Record<string, number[][]> = { even: [], odd: [] };
    source.close();
    const batcher = (name: string): BatcherOptions<number> => ({
      size: 2, handle: (batch) => void batches[name]?.push([...batch]),
    });
    const pipeline = await start({
      source: source.open, processors: 1,
      process: (events) => events,
      batchers: { even: batcher('even'), odd: batcher('odd') },
      route: (event) => (event % 2 === 0 ? 'even' : 'odd'),
    });

    await pipeline.finished();

    expect(batches).toEqual({ even: [[0, 2], [4, 6]], odd: [[1, 3], [5]] });
    expect([...source.acked].sort()).toEqual(numbers(7));
  });

  it('closes a batch after a time, however small', async () => {
    const source = new MemorySource([1, 2]);
    const batches: (readonly number[])[] = [];
    await start({
      source: source.open,
      process: (events) => events,
      batchers: { all: { size: 100, withinMs: 500, handle: (batch) => void batches.push(batch) } },
    });

    await system.advance(499);
    const before = batches.flat();
    await system.advance(1);

    expect(before).toEqual([]);
    expect(batches.flat().sort()).toEqual([1, 2]);
    expect(source.unacked).toBe(0);
  });

  it('acknowledges an event without results at once', async () => {
    const source = new MemorySource([1, 2, 3]);
    await start({ source: source.open, process: () => [], batchers: { all: { handle: () => undefined } } });

    await system.settle();

    expect(source.acked).toEqual([1, 2, 3]);
  });

  it('keeps the order of a key, also when the number of processors changes', async () => {
    const source = new MemorySource<{ key: string; n: number }>();
    const got: { key: string; n: number }[] = [];
    let next = 0;
    const pipeline = await start({
      source: source.open, maxDemand: 4,
      partitionBy: ({ key }) => key,
      process: each(async (event) => {
        await sleep(system.virtual, system.virtual.random.int(5));
        got.push(event);
      }),
    });

    for (const processors of [8, 3, 0, 5, 1]) {
      for (let pushed = 0; pushed < 200; pushed += 1) source.push({ key: `k${next % 7}`, n: next++ });
      const configured = pipeline.configure({ processors });
      await system.advance(100);
      await configured;
    }
    source.close();
    const finished = pipeline.finished();
    await system.advance(60_000);
    await finished;

    expect(got).toHaveLength(1_000);
    for (let key = 0; key < 7; key += 1) {
      const ofKey = got.filter((event) => event.key === `k${key}`).map(({ n }) => n);
      expect(ofKey).toEqual([...ofKey].sort((one, other) => one - other));
    }
  });

  it('keeps the order of a key through batches', async () => {
    const source = new MemorySource(numbers(300));
    source.close();
    const got: number[] = [];
    const pipeline = await start({
      source: source.open,
      partitionBy: (event) => event % 5,
      process: (events) => events,
      batchers: {
        all: {
          size: 7, withinMs: 10, concurrency: 3, partitionBy: (event) => event % 5,
          handle: async (batch) => {
            await sleep(system.virtual, system.virtual.random.int(5));
            got.push(...batch);
          },
        },
      },
    });

    const finished = pipeline.finished();
    await system.advance(10_000);
    await finished;

    for (let key = 0; key < 5; key += 1) {
      const isOfKey = (event: number): boolean => event % 5 === key;
      expect(got.filter(isOfKey)).toEqual(numbers(300).filter(isOfKey));
    }
  });

  it('fetches no faster than its rate, for each producer, and follows a change of it', async () => {
    const fetched: number[] = [];
    const source = rate(new RateLimit(Infinity), (index) => index);
    const pipeline = await start({
      source, rate: 100, producers: 2,
      process: () => undefined,
      hooks: { onFetched: (events) => fetched.push(events) },
    });

    await system.advance(3_000);
    const slow = total(fetched);
    await pipeline.configure({ rate: 1_000 });
    await system.advance(3_000);

    expect(slow).toBeGreaterThan(590);
    expect(slow).toBeLessThanOrEqual(602);
    expect(total(fetched) - slow).toBeGreaterThan(5_900);
    expect(total(fetched) - slow).toBeLessThanOrEqual(6_002);
  });

  it('retries failed events, later each time, and gives them up in the end', async () => {
    const source = new MemorySource([1, 2, 3]);
    const triedAtMs: number[] = [];
    const dead: [unknown, number][] = [];
    const pipeline = await start({
      source: source.open,
      process: (events) => {
        if (!events.includes(2)) return;
        triedAtMs.push(system.virtual.clock.monotonicMs());
        throw new Error('poison');
      },
      processors: 1, maxDemand: 1,
      retry: { attemptsMax: 4, backoffMs: 100, backoffMaxMs: 200, deadLetter: () => undefined },
      hooks: { onDeadLetter: (event, attempts) => dead.push([event, attempts]) },
    });

    await system.advance(10_000);

    expect(triedAtMs).toEqual([0, 100, 300, 500]);
    expect(dead).toEqual([[2, 4]]);
    expect(pipeline.stats()).toMatchObject({ acknowledged: 2, deadLettered: 1, failures: 4, restarts: 4 });
    expect(source.unacked).toBe(0);
  });

  it('finds the poisonous event of a batch, and handles the rest', async () => {
    const source = new MemorySource(numbers(20));
    const got: number[] = [];
    const dead: number[] = [];
    source.close();
    const handle = (batch: readonly number[]): void => {
      if (batch.includes(13)) throw new Error('poison');
      got.push(...batch);
    };
    const retry = { attemptsMax: 3, deadLetter: (event: number) => void dead.push(event) };
    const pipeline = await start({
      source: source.open, process: (events) => events, batchers: { all: { size: 20, handle, retry } },
    });

    const finished = pipeline.finished();
    await system.advance(60_000);
    await finished;

    expect(dead).toEqual([13]);
    expect(got.sort((one, other) => one - other)).toEqual(numbers(20).filter((event) => event !== 13));
    expect(pipeline.stats()).toMatchObject({ acknowledged: 20, deadLetteredBatched: 1 });
  });

  it('has the configured number of stages, and loses nothing by a change', async () => {
    const seen = new Set<number>();
    const source = rate(new RateLimit(Infinity), (index) => index);
    const pipeline = await start({
      source, rate: 1_000,
      process: async (events) => {
        await sleep(system.virtual, 20);
        for (const event of events) seen.add(event);
      },
    });
    const stages: string[][] = [];
    for (const [producers, processors] of [[3, 2], [1, 16], [2, 8]]) {
      const configured = pipeline.configure({ producers: producers!, processors: processors! });
      await system.advance(2_000);
      await configured;
      stages.push([...childrenOf('producers'), `${childrenOf('processors').length}`]);
    }
    const drained = pipeline.drain();
    await system.advance(5_000);
    await drained;

    expect(stages).toEqual([
      ['producer 0', 'producer 1', 'producer 2', '2'], ['producer 0', '16'], ['producer 0', 'producer 1', '8'],
    ]);
    const { produced, acknowledged } = pipeline.stats();
    expect(acknowledged).toBe(produced);
    expect(seen.size).toBe(produced);
  });

  it('restarts its stages when their supervisor has restarted', async () => {
    const source = new MemorySource<number>();
    const got: number[] = [];
    await start({ source: source.open, process: (events) => void got.push(...events) });

    system.address('pipeline/processors').whereis()?.exit('kill');
    system.address('pipeline/producers').whereis()?.exit('kill');
    source.push(1);
    await system.advance(1_000);

    expect(got).toEqual([1]);
    expect(childrenOf('processors')).toHaveLength(8);
  });

  it('repeats an acknowledgement that the source did not take', async () => {
    const failures: unknown[] = [];
    const acked: number[] = [];
    const events = numbers(3);
    const pipeline = await start({
      source: () => ({
        fetch: (demand) => events.splice(0, demand),
        ack: async (batch) => {
          if (failures.length < 2) throw new Error('away');
          acked.push(...batch);
        },
      }),
      process: () => undefined,
      hooks: { onAckFailed: (error) => failures.push(error) },
    });

    const drained = pipeline.drain();
    await system.advance(1_000);
    await drained;

    expect(acked).toEqual([0, 1, 2]);
    expect(failures).toHaveLength(2);
  });

  it('waits for a source that is away, and loses nothing that it had fetched', async () => {
    let isAway = true;
    let tries = 0;
    const source = new MemorySource(numbers(5));
    const got: number[] = [];
    await start({
      source: (ctx) => ({
        ...source.open(ctx),
        fetch: (demand) => {
          tries += 1;
          if (isAway) throw new Error('away');
          return source.open(ctx).fetch(demand);
        },
      }),
      process: (events) => void got.push(...events),
    });

    await system.advance(10_000);
    const triesWhileAway = tries;
    isAway = false;
    await system.advance(1_000);

    expect(triesWhileAway).toBeLessThan(250);
    expect(got).toEqual(numbers(5));
  });

  it('runs dry before it ends, and then fetches no more', async () => {
    const source = rate(new RateLimit(Infinity), (index) => index);
    const got: number[] = [];
    const pipeline = new Pipeline(system.virtual, {
      source, rate: 1_000,
      process: (events) => events,
      batchers: { all: { size: 1_000, withinMs: 60_000, handle: (batch) => void got.push(...batch) } },
    });
    const root = await system.start(pipeline.childSpec());
    await system.advance(500);

    const stopped = root.stop();
    await system.advance(100);
    await stopped;

    expect(got).toHaveLength(pipeline.stats().produced);
    expect(got.length).toBeGreaterThan(400);
  });

  it('reports its speed, its fill and the latency of events', async () => {
    const source = rate(new RateLimit(Infinity), (index) => index);
    const pipeline = await start({
      source, processors: 4, maxDemand: 1,
      process: () => sleep(system.virtual, 10),
    });

    await system.advance(12_000);

    const { perSecond, fill, latencyMs, demand, inFlight } = pipeline.stats();
    expect(perSecond).toBeCloseTo(400, -1);
    expect({ fill, demand, inFlight }).toEqual({ fill: 1, demand: 0, inFlight: 4 });
    expect(Math.abs(latencyMs.p50 - 10)).toBeLessThan(0.5);
    expect(latencyMs.max).toBe(10);
  });

  it.each([{ producers: -1 }, { processors: 1.5 }, { maxDemand: 0 }, { rate: NaN }])(
    'refuses the shape %j',
    async (shape) => {
      const source: OpenSource<never> = () => ({ fetch: () => [] });
      const pipeline = new Pipeline(system.virtual, { source, process: () => undefined });

      expect(() => pipeline.configure(shape)).toThrow(RangeError);
    },
  );

  async function start<E, O>(options: PipelineOptions<E, O>): Promise<Pipeline<E, O>> {
    const pipeline = new Pipeline(system.virtual, options);
    await system.start(pipeline.childSpec());
    await system.settle();
    return pipeline;
  }

  function childrenOf(id: string): string[] {
    const root = system.observe()[0];
    const pool = root?.children?.find((child) => child.id === id);
    return pool?.children?.map((child) => child.id).sort() ?? [];
  }
});

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
