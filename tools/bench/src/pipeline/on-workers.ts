import { ended, Pipeline, WorkerPool } from '@aisle/pipeline';
import { systemRuntime } from '@aisle/std';
import { Supervisor, System } from '@aisle/supervision';

const BATCH = 100;
// The test of a prime of this size takes about 10 µs.
const FIRST = 1_000_000_007;

/** Events per second on this many threads, and the rate without a pipeline around them. */
export interface OnWorkers {
  readonly perSecond: number;
  readonly bare: number;
}

/** Through computing consumers, and by the bare threads, when all of them compute. */
export async function onWorkers(threads: number, events: number): Promise<OnWorkers> {
  const pool = new WorkerPool<number, number>({ name: 'primes.worker', beside: import.meta.url, size: threads });
  const system = new System(systemRuntime, { hooks: {} });
  const tree = { strategy: 'one_for_one' as const, children: [pool.childSpec()] };
  const root = await system.start(Supervisor.childSpec(tree, { id: 'bench' }));
  try {
    // Modules are loaded, and the loop is compiled.
    await Promise.all(Array.from({ length: 8 * threads }, () => pool.run(integers(0, 2 * BATCH))));
    let produced = 0;
    const pipeline = new Pipeline<number>(systemRuntime, {
      source: () => ({
        fetch: (demand) => {
          const size = Math.min(demand, events - produced);
          produced += size;
          return size === 0 ? ended : integers(produced - size, size);
        },
      }),
      processors: 2 * threads,
      maxDemand: 2 * BATCH,
      process: async (batch) => void (await pool.run(batch)),
    });
    const startMs = performance.now();
    await Supervisor.startChild(root, pipeline.childSpec());
    await pipeline.finished();
    const pipelineMs = performance.now() - startMs;
    return { perSecond: (events * 1_000) / pipelineMs, bare: await perSecondBare(pool, threads, events) };
  } finally {
    await root.stop();
  }
}

/** One message per thread, which then only computes: the gain of another core on this machine. */
async function perSecondBare(pool: WorkerPool<number, number>, threads: number, events: number): Promise<number> {
  const share = integers(0, Math.ceil(events / threads));
  const startMs = performance.now();
  await Promise.all(Array.from({ length: threads }, () => pool.run(share)));
  return (threads * share.length * 1_000) / (performance.now() - startMs);
}

function integers(from: number, size: number): number[] {
  return Array.from({ length: size }, (_, at) => FIRST + 2 * (from + at));
}
