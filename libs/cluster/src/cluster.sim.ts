import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SeedFailed, World, simulateSeeds } from '@aisle/simulation';
import { impatient, plantedBugs, type Adapters } from './testing/planted-bugs.ts';
import { clusterScenario } from './testing/scenario.ts';

const HOOK = join(__dirname, '../../../tools/dev/swc-hook.mjs');
const SEEDS = 2_000;
const CATCH_SEEDS_MAX = 1_500;

// A stack trace is wanted of no failure in here, and costs as much as the protocol itself.
Error.stackTraceLimit = 0;

describe('A cluster under faults', () => {
  // In a process of its own, where it takes half the time; more seeds, or a single one: `npm run sim`.
  it(`keeps every promise, under ${SEEDS} seeds`, async () => {
    const script = ['--conditions=@aisle/source', '--import', HOOK, join(__dirname, 'testing/run-seeds.ts')];

    const { stdout } = await promisify(execFile)(process.execPath, [...script, '--seeds', String(SEEDS)]);

    expect(stdout).toContain(`${SEEDS} seeds from 1, `);
    expect(stdout).toContain('0 violations');
  }, 300_000);

  it('keeps its journal right even where actors are loaded too early: the key on seq catches them', async () => {
    let conflicts = 0;

    for (let seed = 1; seed <= 300; seed += 1) {
      const world = new World(seed);
      // What is only read may be stale then; no number is written twice.
      const violated = await clusterScenario(impatient)(world).then(() => '', (error: Error) => error.message);
      conflicts += world.coverage.count('commit.conflict');
      expect(violated).not.toMatch(/^(I[1245]|a bug)/m);
    }

    expect(conflicts).toBeGreaterThan(0);
  }, 120_000);
});

describe('The simulator', () => {
  it('catches every planted bug', async () => {
    const table: Record<string, { seed: number; caught: string }> = {};

    for (const [name, adapters] of Object.entries(plantedBugs)) table[name] = await firstCatch(adapters);

    process.stdout.write(`${Object.entries(table).map(([name, { seed, caught }]) =>
      `  ${name.padEnd(34)} caught by seed ${String(seed).padStart(4)}: ${caught}`).join('\n')}\n`);
    expect(Object.keys(table)).toHaveLength(7);
    expect(Object.entries(table).filter(([, { seed }]) => seed === 0)).toEqual([]);
  }, 300_000);

  it('runs a seed the same way again', async () => {
    const once = (): Promise<unknown> => simulateSeeds({ seeds: 3, from: 40, scenario: clusterScenario() });

    expect(await once()).toEqual(await once());
  });
});

/** The first seed that finds a bug, and what it says; seed 0 when none does. */
async function firstCatch(adapters: Adapters): Promise<{ seed: number; caught: string }> {
  try {
    await simulateSeeds({ seeds: CATCH_SEEDS_MAX, scenario: clusterScenario(adapters) });
    return { seed: 0, caught: 'nothing' };
  } catch (error) {
    if (!(error instanceof SeedFailed)) throw error;
    const [violation = ''] = (error.cause as Error).message.split('\n');
    return { seed: error.seed, caught: violation.slice(0, 80) };
  }
}
