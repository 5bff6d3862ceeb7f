import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { simulateSeeds } from '@aisle/simulation';
import { clusterScenario } from './testing/scenario.ts';

const HOOK = join(__dirname, '../../../tools/dev/swc-hook.mjs');
const SEEDS = 1_000;

// The long simulations run in processes of their own, where they take half the time. `npm run sim` runs more seeds, or one.
describe('A cluster under faults', () => {
  it(`keeps every guarantee under ${SEEDS} seeds`, async () => {
    const output = await run('run-seeds.ts', '--seeds', String(SEEDS));

    expect(output).toContain(`${SEEDS} seeds from 1, `);
    expect(output).toContain('0 violations');
  });
});

describe('The simulator', () => {
  it('catches every planted bug, and nothing if the guard is in place', async () => {
    const table = await run('catch-bugs.ts');

    process.stdout.write(table);
    expect(table.match(/caught by seed/g)).toHaveLength(8);
    expect(table).toContain('the journal is right');
  });

  it('repeats a seed exactly', async () => {
    const once = (): Promise<unknown> => simulateSeeds({ seeds: 3, from: 40, scenario: clusterScenario() });

    expect(await once()).toEqual(await once());
  });
});

/** The output of a script of the simulation. Rejects with all output if its exit status is not 0. */
async function run(script: string, ...args: string[]): Promise<string> {
  const command = ['--conditions=@aisle/source', '--import', HOOK, join(__dirname, 'testing', script), ...args];
  return (await promisify(execFile)(process.execPath, command)).stdout;
}
