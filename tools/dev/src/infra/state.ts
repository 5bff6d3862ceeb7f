// What the keeper and its users tell each other, as files of `<data folder>/infra`: `state.json`,
// written by the keeper alone, and one file per user in `users/`, written by that user alone.
import {
  mkdirSync, openSync, readFileSync, readdirSync, renameSync, rmSync, statSync, truncateSync, writeFileSync,
} from 'node:fs';
import { randomUUID } from 'node:crypto';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { identify, isAlive, type ProcessIdentity } from '../process/identity.ts';

export type ServiceName = 'redis' | 'postgres';

export type ServiceState =
  | { readonly status: 'starting'; readonly note: string; readonly process?: ProcessIdentity }
  | {
      readonly status: 'up';
      readonly url: string;
      /** Where the server came from, as a phrase for people. */
      readonly source: string;
      readonly process: ProcessIdentity;
    }
  | { readonly status: 'failed'; readonly message: string; readonly atMs: number };

export interface InfraState {
  readonly phase: 'up' | 'stopping';
  readonly services: Partial<Record<ServiceName, ServiceState>>;
  /** The ports last used, so that URLs stay the same from one run to the next. */
  readonly ports: Partial<Record<ServiceName, number>>;
}

/** A process that needs services, for as long as it lives or until it removes its file. */
export interface InfraUser {
  readonly process: ProcessIdentity;
  readonly needs: readonly ServiceName[];
  readonly sinceMs: number;
}

const LOG_BYTES_MAX = 10 * 1024 * 1024;

export const workspaceRoot = fileURLToPath(new URL('../../../../', import.meta.url));

/** The folder everything of this workspace lives in: `AISLE_DATA_DIR`, or `.aisle` in the root. */
export function defaultDataDir(): string {
  return resolve(workspaceRoot, process.env['AISLE_DATA_DIR'] || '.aisle');
}

export function infraFolder(dataDir: string): string {
  return join(dataDir, 'infra');
}

export function makeFolders(dataDir: string) {
  for (const folder of [usersFolder(dataDir), join(dataDir, 'logs')]) {
    mkdirSync(folder, { recursive: true });
  }
}

export function readState(dataDir: string): InfraState | undefined {
  return readJson<InfraState>(join(infraFolder(dataDir), 'state.json'));
}

export function writeState(dataDir: string, state: InfraState) {
  writeJson(join(infraFolder(dataDir), 'state.json'), state);
}

/** Registers this process; the returned function takes the registration back. */
export function registerUser(dataDir: string, needs: readonly ServiceName[]): () => void {
  const own = identify(process.pid);
  if (own === undefined) throw new Error('this process cannot see itself: is /proc mounted?');
  const path = join(usersFolder(dataDir), `${process.pid}-${randomUUID()}.json`);
  writeJson(path, { process: own, needs, sinceMs: Date.now() } satisfies InfraUser);
  return () => rmSync(path, { force: true });
}

/** The users that live; the files of the others are removed. */
export function livingUsers(dataDir: string): InfraUser[] {
  const users: InfraUser[] = [];
  for (const name of readdirSync(usersFolder(dataDir))) {
    if (!name.endsWith('.json')) continue;
    const path = join(usersFolder(dataDir), name);
    const user = readJson<InfraUser>(path);
    if (user !== undefined && isAlive(user.process)) users.push(user);
    else rmSync(path, { force: true });
  }
  return users;
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

function usersFolder(dataDir: string): string {
  return join(infraFolder(dataDir), 'users');
}

function readJson<T>(path: string): T | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch {
    return undefined;
  }
}

function writeJson(path: string, value: unknown) {
  const draft = `${path}.${process.pid}.draft`;
  writeFileSync(draft, JSON.stringify(value, null, 2), { mode: 0o600 });
  renameSync(draft, path);
}
