import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { workspaceRoot } from '../workspace.ts';
import { erdPage } from './erd-page.ts';

describe('docs/erd.md', () => {
  it('shows the tables of the migrations; `npm run erd` updates it', async () => {
    expect(readFileSync(join(workspaceRoot, 'docs/erd.md'), 'utf8')).toBe(await erdPage());
  });
});
