// `npm run test:strategies -- [--folder strategies]`: runs the test cases of the strategies, with all further checks of
// the shop before a strategy may price.
import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { readFlags } from './read-flags.ts';
import { validateFiles } from './strategies/validate-files.ts';
import { strategiesFolder, workspaceRoot } from './workspace.ts';

async function main(): Promise<number> {
  const { folder } = readFlags({ folder: { type: 'string' } });
  const path = strategiesFolder(folder);
  const files = existsSync(path) ? readdirSync(path).filter((file) => file.endsWith('.ts')).sort() : [];
  if (files.length === 0) {
    console.error(`no strategies in ${relative(workspaceRoot, path)}; npm run new:strategy -- <name> writes one`);
    return 2;
  }
  return validateFiles(files.map((file) => join(path, file)));
}

process.exitCode = await main();
