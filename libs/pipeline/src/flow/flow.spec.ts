import { VirtualSystem } from '@aisle/supervision/testing';
import { Faults, from, iterable, rate, RateLimit, tumbling } from '../index.ts';
import type { FlowPipeline } from '../index.ts';

describe('a flow', () => {
  let system: VirtualSystem;

  beforeEach(() => {
    system = new VirtualSystem();
  });

  it('maps, filters and flattens, in order', async () => {
    const got: string[] = [];
    const flow = from([1, 2, 3, 4])
      .filter((event) => event !== 2)
      .map((event) => `${event}`)
      .flatMap((event) => [event, event])
      .into((events) => void got.push(...events));

    await runThrough(flow);

    expect(got).toEqual(['1', '1', '3', '3', '4', '4']);
    expect(flow.counts).toMatchObject({ produced: 4, acknowledged: 4, inFlight: 0 });
  });

  it('runs the steps in one stage, the sink in it', async () => {
    await system.start(from([1]).map((event) => event).into(() => undefined).childSpec());

    expect(stageIds()).toEqual(['source', 'sink 0', 'terminator']);
  });

  it('gives all events of a key to the same stage, in order', async () => {
    const got: string[] = [];
    const flow = from(['b1', 'a1', 'b2', 'a2', 'c1', 'b3'])
      .map((event) => event.toUpperCase())
      .partition({ by: (event) => event.slice(0, 1), stages: 3 })
      .into((events) => void got.push(...events));

    await runThrough(flow);

    expect(stageIds()).toEqual(['source', 'layer 0 0', 'sink 0', 'sink 1', 'sink 2', 'terminator']);
    expect([...got].sort()).toEqual(['A1', 'A2', 'B1', 'B2', 'B3', 'C1']);
    expect(got.filter((event) => event.startsWith('B'))).toEqual(['B1', 'B2', 'B3']);
  });

  it('reduces each window, and the open one when the source ends', async () => {
    const got: number[] = [];
    const flow = from([1, 2, 3, 4, 5, 6, 7])
      .window(tumbling(3))
      .reduce(() => 0, (sum, event) => sum + event)
      .into((events) => void got.push(...events));

    await runThrough(flow);

    expect(got).toEqual([6, 15, 7]);
  });

  it('acknowledges events once the result of their window is acknowledged', async () => {
    let release = (): void => undefined;
    const flow = from([1, 2, 3, 4])
      .window(tumbling(2))
      .reduce(() => 0, (sum, event) => sum + event)
      .into(() => new Promise<void>((resolve) => (release = resolve)));
    await system.start(flow.childSpec());
    await system.settle();

    expect(flow.counts).toMatchObject({ produced: 4, acknowledged: 0 });
    release();
    await system.settle();
    release();
    await system.settle();

    expect(flow.counts).toMatchObject({ acknowledged: 4 });
  });

  it('closes a window by time, however few have come', async () => {
    const got: number[] = [];
    const limit = new RateLimit(10);
    const flow = from(rate(limit, (index) => index))
      .window(tumbling({ ms: 1_000 }))
      .reduce(() => 0, (count) => count + 1)
      .into((events) => void got.push(...events));
    await system.start(flow.childSpec());

    await system.advance(5_900);

    expect(got).toHaveLength(5);
    for (const count of got) expect(Math.abs(count - 10)).toBeLessThanOrEqual(1);
  });

  it('goes on with far more events held back than a stage may demand', async () => {
    const got: number[] = [];
    const flow = from(Array.from({ length: 2_000 }, (_, index) => index))
      .filter((event) => event % 10 === 0)
      .partition({ by: (event) => event, stages: 2 })
      .window(tumbling(90))
      .reduce(() => [] as number[], (all, event) => [...all, event])
      .into((windows) => void got.push(...windows.flat()), { maxDemand: 4 });

    await runThrough(flow);

    expect(new Set(got).size).toBe(200);
    expect(got).toHaveLength(200);
  });

  it('reads an async iterable, and its end', async () => {
    async function* three(): AsyncGenerator<number> {
      yield 1;
      await new Promise<void>((resolve) => void system.virtual.timers.after(10, resolve));
      yield* [2, 3];
    }
    const got: number[] = [];
    const flow = from(three()).into((events) => void got.push(...events));

    await runThrough(flow);

    expect(got).toEqual([1, 2, 3]);
  });

  it('loses none of the elements before one that throws', async () => {
    function* fails(): Generator<number> {
      yield 1;
      throw new Error('broken');
    }
    const got: number[] = [];
    const flow = from(iterable(fails())).into((events) => void got.push(...events));

    await expect(runThrough(flow)).rejects.toMatchObject({ code: 'source.failed', details: { why: 'broken' } });

    expect(got).toEqual([1]);
    expect(system.crashes).toHaveLength(1);
  });

  it('repeats a window when its stage crashes, so that no event is missing', async () => {
    const seen = new Set<number>();
    const faults = new Faults([{ at: 'producer-consumer', kind: 'crash', probability: 0.2, seed: 3 }]);
    const flow = from(Array.from({ length: 500 }, (_, index) => index))
      .window(tumbling(20))
      .reduce(() => [] as number[], (all, event) => [...all, event])
      .into((windows) => windows.flat().forEach((event) => seen.add(event)), { faults, maxDemand: 20 });

    await runThrough(flow);

    expect(seen.size).toBe(500);
    expect(system.crashes.length).toBeGreaterThan(0);
  });

  it('runs dry before it ends', async () => {
    const got: number[] = [];
    const limit = new RateLimit(100);
    const flow = from(rate(limit, (index) => index))
      .window(tumbling(1_000))
      .reduce(() => 0, (count) => count + 1)
      .into((events) => void got.push(...events));
    const root = await system.start(flow.childSpec());
    await system.advance(1_000);

    const stopped = root.stop();
    await system.advance(10);
    await stopped;

    expect(got).toEqual([flow.counts.produced]);
    expect(flow.counts.acknowledged).toBe(flow.counts.produced);
  });

  async function runThrough(flow: FlowPipeline): Promise<void> {
    await system.start(flow.childSpec());
    const finished = Promise.allSettled([flow.finished()]);
    await system.advance(60_000);
    const [end] = await finished;
    if (end.status === 'rejected') throw end.reason;
  }

  function stageIds(): string[] {
    return system.observe()[0]?.children?.map(({ id }) => id) ?? [];
  }
});
