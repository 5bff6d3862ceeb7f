import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { BenchResult } from './harness.ts';

const root = join(__dirname, '../../..');

describe('the supervision benchmark', () => {
  it('gives every contender that is here the same work', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'aisle-bench-'));
    const json = join(folder, 'results.json');
    const hook = join(root, 'tools/dev/swc-hook.mjs');
    const script = join(__dirname, 'supervision.ts');

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
        'call, 1 caller: aisle', 'call, 1 caller: nact', 'call, 1 caller: xstate',
        'cast + sync, 1 sender: aisle', 'start + stop, supervised and named: aisle',
        'call through a registry: aisle',
      ]),
    );
    expect(stdout).toMatch(/bytes an idle server +(beam +)?aisle +nact +xstate/);
    expect(stdout).toMatch(/µs from a kill to the next init, p50 +(beam +)?aisle/);
  });
});
