import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';

const ROOT = resolve(__dirname, '../../..');
const EXAMPLE = 'libs/supervision/examples/healing-tree.ts';

describe('the example of a tree that heals', () => {
  it('prints its whole story', async () => {
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      ['--conditions=@aisle/source', '--import', './tools/dev/swc-hook.mjs', EXAMPLE],
      { cwd: ROOT },
    );

    expect(stderr).toBe('');
    expect(stdout.match(/in the till: \d+/g)).toEqual([280, 310, 310].map((sum) => `in the till: ${sum}`));
    expect(stdout).toContain('alice is told: process.exited');
    expect(stdout).toContain('pricing (Pricing #7, restarted 1x)');
    expect(stdout).toContain('The shop is closed: shutdown. 0 processes are left.');
  });
});
