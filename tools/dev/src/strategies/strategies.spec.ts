import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sourceArgs, workspaceRoot } from './workspace.ts';

describe('npm run new:strategy', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'aisle-strategies-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const run = (...args: string[]) => promisify(execFile)(
    process.execPath, [...sourceArgs('tools/dev/src/new-strategy.ts'), ...args, '--folder', folder], { cwd: workspaceRoot },
  );

  it.each(['line', 'basket'])('writes a %s strategy that is valid as it stands', async (kind) => {
    const { stdout } = await run('tea-time', '--kind', kind);

    expect(stdout).toMatch(/tea-time.ts written\nvalid: 2 tests pass\n$/);
    expect(readFileSync(join(folder, 'tea-time.ts'), 'utf8')).toMatch(`kind: '${kind}'`);
  });

  it('writes over nothing', async () => {
    await run('tea-time');

    await expect(run('tea-time')).rejects.toMatchObject({ code: 1, stderr: expect.stringMatching(/is there already\n$/) });
  });

  it.each([[], ['Tea Time'], ['tea', '--kind', 'shop']])('explains itself to %j', async (...args) => {
    await expect(run(...args)).rejects.toMatchObject({ code: 2, stderr: expect.stringMatching(/^usage: /) });
  });
});
