import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { BenchResult } from './harness.ts';

const root = join(__dirname, '../../..');

describe('the pipeline benchmark', () => {
  it('runs every pipeline, and misses no event under faults', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'aisle-bench-'));
    const json = join(folder, 'results.json');
    const hook = join(root, 'tools/dev/swc-hook.mjs');
    const script = join(__dirname, 'pipeline.ts');

    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--conditions=@aisle/source', '--import', hook, script, '--quick', `--json=${json}`],
      { cwd: root },
    );
    const { results } = JSON.parse(readFileSync(json, 'utf8')) as { results: BenchResult[] };
    rmSync(folder, { recursive: true });

    const ran = results.filter(({ perSecond }) => perSecond > 0).map(({ group, name }) => `${group}: ${name}`);
    expect(ran).toEqual(
      expect.arrayContaining([
        'integers, 1 to 1: aisle', 'integers, 1 to 8: aisle', 'maps, 1 to 8: aisle',
        'integers, 1 to 1 to 8: aisle', 'integers, demand 1: aisle',
      ]),
    );
    expect(stdout).toMatch(/1 % crashes, 1 to 8.* 0 missing/);
    expect(stdout).toMatch(/consumers that wait 1 ms/);
  });
});
