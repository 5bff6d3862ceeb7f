import { Coverage } from './world/coverage.ts';
import { World } from './world/world.ts';

/** A batch of runs of one scenario, one per seed. */
export interface SimulationBatch {
  /** The number of seeds. */
  readonly seeds: number;
  /** The first seed; 1 unless given. */
  readonly from?: number;
  /** One run: builds its processes in the world, lets time pass, and throws if a property is violated. */
  readonly scenario: (world: World) => Promise<void>;
  /** Coverage counters that the batch has to hit at least once. Leave them out when a single seed is replayed. */
  readonly required?: readonly string[];
  /** The instruction to replay a seed, for the error; `AISLE_SIM_SEED=<seed>` unless given. The caller reads that variable. */
  readonly replay?: (seed: number) => string;
  /** Called after each seed, for example to print the progress. */
  readonly onSeed?: (seed: number) => void;
}

/** The result of a batch without a violation. */
export interface SimulationReport {
  readonly seeds: number;
  /** The hits of each coverage counter, over all seeds. */
  readonly coverage: Readonly<Record<string, number>>;
  /** The virtual milliseconds that passed, over all seeds. */
  readonly virtualMs: number;
}

/** Thrown for a seed that violates a property. The message has the last events and the instruction to replay the seed. */
export class SeedFailed extends Error {
  constructor(
    readonly seed: number,
    override readonly cause: unknown,
    details: string,
  ) {
    super(details);
    this.name = 'SeedFailed';
  }
}

/**
 * Runs the scenario once for each seed and stops at the first violation. Throws `SeedFailed`, or an error that names the required
 * counters that no seed has hit.
 */
export async function simulateSeeds(batch: SimulationBatch): Promise<SimulationReport> {
  const { seeds, from = 1, scenario, required = [], onSeed } = batch;
  const coverage = new Coverage();
  let virtualMs = 0;
  for (let seed = from; seed < from + seeds; seed += 1) {
    const world = new World(seed);
    try {
      await scenario(world);
    } catch (error) {
      throw new SeedFailed(seed, error, report(world, error, batch));
    }
    coverage.add(world.coverage);
    virtualMs += world.nowMs;
    onSeed?.(seed);
  }
  const missed = required.filter((name) => coverage.count(name) === 0);
  if (missed.length > 0) throw new Error(`${seeds} seeds from ${from} never reached: ${missed.join(', ')}`);
  return { seeds, coverage: coverage.counts(), virtualMs };
}

function report(world: World, error: unknown, { replay = defaultReplay }: SimulationBatch): string {
  const violated = typeof error === 'object' && error !== null && 'message' in error ? error.message : error;
  return [
    `seed ${world.seed}, after ${world.nowMs.toFixed(3)} ms: ${String(violated)}`,
    'last events:',
    ...world.lastEvents().map((line) => `  ${line}`),
    `replay: ${replay(world.seed)}`,
  ].join('\n');
}

function defaultReplay(seed: number): string {
  return `AISLE_SIM_SEED=${seed}`;
}
