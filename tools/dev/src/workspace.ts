import { accessSync, constants, mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const workspaceRoot = fileURLToPath(new URL('../../../', import.meta.url));

/** The data folder of this workspace: `AISLE_DATA_DIR`, or `.aisle` in the root. */
export function defaultDataDir(): string {
  return resolve(workspaceRoot, process.env['AISLE_DATA_DIR'] || '.aisle');
}

/** The folder of strategies: the given one, `STRATEGIES_FOLDER`, or `strategies` in the root. */
export function strategiesFolder(given?: string): string {
  return resolve(workspaceRoot, given || process.env['STRATEGIES_FOLDER'] || 'strategies');
}

/** Creates the folder. Throws an error with a remedy if we may not write there. */
export function openDataDir(dataDir: string) {
  try {
    mkdirSync(dataDir, { recursive: true });
    accessSync(dataDir, constants.W_OK);
  } catch (error) {
    throw new Error(
      `cannot write to ${dataDir}: start as the user it belongs to, delete it, ` +
        'or set AISLE_DATA_DIR to another folder',
      { cause: error },
    );
  }
}

/** Arguments of `node` that run a TypeScript file of the workspace from source. */
export function sourceArgs(entry: string): string[] {
  const hook = new URL('../swc-hook.mjs', import.meta.url).href;
  return ['--conditions=@aisle/source', '--import', hook, resolve(workspaceRoot, entry)];
}
