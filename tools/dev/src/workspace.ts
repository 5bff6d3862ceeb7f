import { accessSync, constants, mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const workspaceRoot = fileURLToPath(new URL('../../../', import.meta.url));

/** The folder everything of this workspace lives in: `AISLE_DATA_DIR`, or `.aisle` in the root. */
export function defaultDataDir(): string {
  return resolve(workspaceRoot, process.env['AISLE_DATA_DIR'] || '.aisle');
}

/** Where strategies are written: as given, `STRATEGIES_FOLDER`, or `strategies` in the root. */
export function strategiesFolder(given?: string): string {
  return resolve(workspaceRoot, given || process.env['STRATEGIES_FOLDER'] || 'strategies');
}

/** Makes the folder; throws an error that says what helps when we may not write there. */
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

/** Arguments of `node` that run a TypeScript file of the workspace as it stands. */
export function sourceArgs(entry: string): string[] {
  const hook = new URL('../swc-hook.mjs', import.meta.url).href;
  return ['--conditions=@aisle/source', '--import', hook, resolve(workspaceRoot, entry)];
}
