import { Coverage } from './world/coverage.ts';
import { World } from './world/world.ts';

/** A batch of runs of one scenario. */
export interface SimulationBatch {
  /** How many seeds. */
  readonly seeds: number;
  /** The first of them; 1 unless told. */
  readonly from?: number;
  /** One run: builds its processes in the world, lets time pass, and throws what it finds violated. */
  readonly scenario: (world: World) => Promise<void>;
  /** Coverage counters that have to be reached at least once in the batch; none when one seed is replayed. */
  readonly required?: readonly string[];
  /** What runs this seed again, for the error; `AISLE_SIM_SEED=<seed>` unless told, read by whoever calls this. */
  readonly replay?: (seed: number) => string;
  /** Called after each seed; nothing is printed unless this prints it. */
  readonly onSeed?: (seed: number) => void;
}

/** What a batch without a violation came to. */
export interface SimulationReport {
  readonly seeds: number;
  /** How often each counter was hit, over all seeds. */
  readonly coverage: Readonly<Record<string, number>>;
  /** How much virtual time passed, over all seeds. */
  readonly virtualMs: number;
}

/** A seed under which a property is violated; the message holds the last events and how to see it again. */
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
 * Runs the scenario once for each seed, and stops at the first that violates something. Throws `SeedFailed`,
 * or an error that names the required branches that no seed has reached.
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
