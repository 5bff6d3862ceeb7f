import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sourceArgs, workspaceRoot } from '../workspace.ts';

describe('strategies on a developer’s machine', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'aisle-strategies-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const run = (script: string, ...args: string[]) => promisify(execFile)(
    process.execPath, [...sourceArgs(`tools/dev/src/${script}.ts`), ...args, '--folder', folder], { cwd: workspaceRoot },
  );

  describe('npm run new:strategy', () => {
    it.each(['line', 'basket'])('writes a %s strategy that is valid as it stands', async (kind) => {
      const { stdout } = await run('new-strategy', 'tea-time', '--kind', kind);

      expect(stdout).toMatch(/tea-time.ts written\ntea-time.ts: valid: tea-time 1.0.0, 2 tests\n$/);
      expect(readFileSync(join(folder, 'tea-time.ts'), 'utf8')).toMatch(`kind: '${kind}'`);
    });

    it('writes over nothing', async () => {
      await run('new-strategy', 'tea-time');

      await expect(run('new-strategy', 'tea-time')).rejects.toMatchObject({
        code: 1, stderr: expect.stringMatching(/exists already\n$/),
      });
    });

    it.each([[], ['Tea Time'], ['tea', '--kind', 'shop']])('explains itself to %j', async (...args) => {
      await expect(run('new-strategy', ...args)).rejects.toMatchObject({ code: 2, stderr: expect.stringMatching(/^usage: /) });
    });
  });

  describe('npm run test:strategies', () => {
    it('runs the tests of all strategies, and reports the faults of each', async () => {
      await run('new-strategy', 'tea-time');
      await run('new-strategy', 'tea-week');
      expect(await run('test-strategies')).toMatchObject({
        stdout: 'tea-time.ts: valid: tea-time 1.0.0, 2 tests\ntea-week.ts: valid: tea-week 1.0.0, 2 tests\n',
      });
      const path = join(folder, 'tea-time.ts');
      writeFileSync(path, readFileSync(path, 'utf8').replace('PERCENT = 10', 'PERCENT = 20'));
      writeFileSync(join(folder, 'tea-week.ts'), 'export default {');

      await expect(run('test-strategies')).rejects.toMatchObject({
        code: 1,
        stdout: expect.stringMatching(/^tea-time.ts: refused: tea-time 1.0.0, 2 tests\n {2}.*three with ten percent off.*\ntea-week.ts: refused\n {2}1:/),
      });
    });

    it('reports when there are none', async () => {
      await expect(run('test-strategies')).rejects.toMatchObject({ code: 2, stderr: expect.stringMatching(/^no strategies in /) });
    });
  });
});
