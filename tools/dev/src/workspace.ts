import { openSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const LOG_BYTES_MAX = 10 * 1024 * 1024;

export const workspaceRoot = fileURLToPath(new URL('../../../', import.meta.url));

/** The folder everything of this workspace lives in: `AISLE_DATA_DIR`, or `.aisle` in the root. */
export function defaultDataDir(): string {
  return resolve(workspaceRoot, process.env['AISLE_DATA_DIR'] || '.aisle');
}

/** Arguments of `node` that run a TypeScript file of the workspace as it stands. */
export function sourceArgs(entry: string): string[] {
  const hook = new URL('../swc-hook.mjs', import.meta.url).href;
  return ['--conditions=@aisle/source', '--import', hook, resolve(workspaceRoot, entry)];
}

export function logPath(dataDir: string, name: string): string {
  return join(dataDir, 'logs', `${name}.log`);
}

/** A file descriptor that appends to the log of that name; one that grew too long starts anew. */
export function openLog(dataDir: string, name: string): number {
  const path = logPath(dataDir, name);
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > LOG_BYTES_MAX) truncateSync(path);
  return openSync(path, 'a');
}

/** The last lines of that log, for an error message. */
export function logTail(dataDir: string, name: string, lines = 15): string {
  try {
    return readFileSync(logPath(dataDir, name), 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  } catch {
    return '';
  }
}
