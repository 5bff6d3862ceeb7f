import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(__dirname, '../../..');

describe('the journal benchmark', () => {
  it('writes every row by both ways, alone and in groups, and counts its WAL', async () => {
    const hook = join(root, 'tools/dev/swc-hook.mjs');
    const command = ['--conditions=@aisle/source', '--import', hook, join(__dirname, 'journal.ts'), '--quick'];

    const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: root });

    expect(stdout).toMatch(/64 rows, many baskets +journal +[1-9]/);
    expect(stdout).toMatch(/durable events a second: [1-9]/);
    expect(stdout).toMatch(/WAL bytes an event, 64 a commit: [1-9]/);
  }, 120_000);
});
