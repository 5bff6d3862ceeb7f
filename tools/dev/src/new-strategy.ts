// `npm run new:strategy -- <name> [--kind basket] [--folder strategies]`: writes a strategy with its test cases, and
// validates it as the shop does before it prices anything.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { basketStrategy, lineStrategy } from './strategies/templates.ts';
import { validateFiles } from './strategies/validate-files.ts';
import { strategiesFolder, workspaceRoot } from './workspace.ts';


const USAGE = 'usage: npm run new:strategy -- <name> [--kind line|basket] [--folder strategies]';

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true, strict: false,
    options: { kind: { type: 'string' }, folder: { type: 'string' } },
  });
  const [name] = positionals;
  const kind = values.kind ?? 'line';
  if (!name || !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name) || (kind !== 'line' && kind !== 'basket')) {
    console.error(`${USAGE}; write the name in kebab-case`);
    return 2;
  }
  const folder = strategiesFolder(values.folder as string | undefined);
  const path = join(folder, `${name}.ts`);
  if (existsSync(path)) {
    console.error(`${relative(workspaceRoot, path)} exists already`);
    return 1;
  }
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, kind === 'line' ? lineStrategy(name) : basketStrategy(name));
  console.log(`${relative(workspaceRoot, path)} written`);
  return validateFiles([path]);
}

process.exitCode = await main();
