import {
  accessSync, closeSync, constants, mkdirSync, openSync, readFileSync, statSync, truncateSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const LOG_BYTES_MAX = 10 * 1024 * 1024;

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

export function logPath(dataDir: string, name: string): string {
  return join(dataDir, 'logs', `${name}.log`);
}

/** The log of one run of a process. */
export interface Log {
  readonly path: string;
  /** To give to the process as its output; closed by `close` once it has it. */
  readonly descriptor: number;
  close(): void;
  /** The last lines of this run, for a message. */
  tail(lines?: number): string;
}

/** Appends to the log of that name; one that grew too long starts anew. */
export function openLog(dataDir: string, name: string): Log {
  const path = logPath(dataDir, name);
  if (sizeOf(path) > LOG_BYTES_MAX) truncateSync(path);
  const startBytes = sizeOf(path);
  const descriptor = openSync(path, 'a');
  return {
    path,
    descriptor,
    close: () => closeSync(descriptor),
    tail: (lines = 15) =>
      readFileSync(path).subarray(startBytes).toString().split('\n')
        .filter((line) => line.trim() !== '').slice(-lines).join('\n'),
  };
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
