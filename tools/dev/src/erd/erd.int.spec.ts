import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { workspaceRoot } from '../workspace.ts';
import { erdPage } from './erd-page.ts';

describe('docs/erd.md', () => {
  it('shows what the migrations make: `npm run erd` draws it anew', async () => {
    expect(readFileSync(join(workspaceRoot, 'docs/erd.md'), 'utf8')).toBe(await erdPage());
  }, 180_000);
});
