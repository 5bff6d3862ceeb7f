import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(__dirname, '../../..');

describe('the pricing benchmark', () => {
  it('prices by scripts, built-ins and its peer, attacks, and swaps', async () => {
    const hook = join(root, 'tools/dev/swc-hook.mjs');
    const script = join(__dirname, 'pricing.ts');

    const { stdout } = await promisify(execFile)(
      process.execPath, ['--expose-gc', '--conditions=@aisle/source', '--import', hook, script, '--quick'], { cwd: root },
    );

    for (const contender of ['25 scripts', '25 built-ins', 'json-rules-engine, 23 rules']) {
      expect(stdout).toMatch(new RegExp(`in full, cold +${contender} +[1-9]`));
    }
    expect(stdout).toMatch(/delay to another basket, ms, at most 100: [\d.]+/);
    expect(stdout).toMatch(/growth of the process, MiB, at most 64: /);
    expect(stdout).toMatch(/growth from 5 to 25 swaps of a script, MiB, at most 32: /);
  }, 120_000);
});
