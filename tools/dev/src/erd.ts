// `npm run erd`: draws the tables of all apps into docs/erd.md.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { erdPage } from './erd/erd-page.ts';
import { workspaceRoot } from './workspace.ts';

writeFileSync(join(workspaceRoot, 'docs/erd.md'), await erdPage());
console.log('wrote docs/erd.md');
