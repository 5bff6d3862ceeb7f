import { ended, Pipeline, WorkerPool } from '@aisle/pipeline';
import { systemRuntime } from '@aisle/std';
import { Supervisor, System } from '@aisle/supervision';

const BATCH = 100;
// Primes of this size take some 10 µs each to be known as such.
const FIRST = 1_000_000_007;

/** Events a second through consumers that compute, on so many threads, once all of these compute. */
export async function perSecondOnWorkers(threads: number, events: number): Promise<number> {
  const pool = new WorkerPool<number, number>({ name: 'primes.worker', beside: import.meta.url, size: threads });
  const system = new System(systemRuntime);
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
    return (events * 1_000) / (performance.now() - startMs);
  } finally {
    await root.stop();
  }
}

function integers(from: number, size: number): number[] {
  return Array.from({ length: size }, (_, at) => FIRST + 2 * (from + at));
}
