import { systemRuntime } from '@aisle/std';
import { eventually } from '@aisle/std/testing';
import { Supervisor, System, type Ref } from '@aisle/supervision';
import { MemorySource, Pipeline, WorkerLost, WorkerPool } from '../index.ts';

describe('WorkerPool', () => {
  let system: System;
  let pool: WorkerPool<number, number[]>;
  let root: Ref;

  beforeEach(async () => {
    system = new System(systemRuntime, { hooks: {} });
    const beside = new URL('./testing/pool.ts', import.meta.url).href;
    pool = new WorkerPool({ name: 'square-worker', beside, size: 2 });
    const tree = { strategy: 'one_for_one' as const, children: [pool.childSpec()] };
    root = await system.start(Supervisor.childSpec(tree, { id: 'app' }));
  });

  afterEach(() => root.stop());

  it('handles batches in threads', async () => {
    expect(await Promise.all([pool.run([1, 2]), pool.run([3])])).toEqual([[1, 4], [9]]);
  });

  it('rethrows the error of a thread, which lives on', async () => {
    await expect(pool.run([-1])).rejects.toThrow('negative');
    expect(await pool.run([4])).toEqual([16]);
  });

  it('replaces a thread that ends, and rejects its batch', async () => {
    await expect(pool.run([13])).rejects.toBeInstanceOf(WorkerLost);

    expect(await Promise.all([pool.run([5]), pool.run([6])])).toEqual([[25], [36]]);
  });

  it('ends its threads when its process is killed, and has new ones after the restart', async () => {
    system.address('app/workers').whereis()?.exit('kill');

    await eventually(async () => expect(await pool.run([7])).toEqual([49]));
  });

  it('repeats the events of a lost thread, and gives one that kills every thread to the dead letters', async () => {
    const source = new MemorySource([1, 2, 13, 4]);
    const dead: number[] = [];
    const got: number[] = [];
    source.close();
    const pipeline = new Pipeline(systemRuntime, {
      source: source.open, processors: 1, maxDemand: 2,
      process: async (events) => void got.push(...(await pool.run(events))),
      retry: { attemptsMax: 2, backoffMs: 1, deadLetter: (event) => void dead.push(event) },
    });
    await Supervisor.startChild(root, pipeline.childSpec());

    await pipeline.finished();

    expect(dead).toEqual([13]);
    expect([...new Set(got)].sort((one, other) => one - other)).toEqual([1, 4, 16]);
  });
});
