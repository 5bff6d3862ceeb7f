// The shared state of the keeper and its users, as files in `<data folder>/infra`: `state.json`, written by the keeper
// alone, and one file per user in `users/`, written by that user alone.
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { readJson, writeJson } from '../process/json-file.ts';
import { isAlive, ownIdentity, type ProcessIdentity } from '../process/identity.ts';
import { openDataDir } from '../workspace.ts';

export type ServiceName = 'redis' | 'postgres' | 'kafka';

export type ServiceState =
  | {
      readonly status: 'starting';
      /** The reason of a long start, if there is one. */
      readonly note?: string;
      readonly process?: ProcessIdentity;
    }
  | {
      readonly status: 'up';
      readonly url: string;
      /** The origin of the server, as a phrase for people. */
      readonly source: string;
      readonly process: ProcessIdentity;
    }
  | { readonly status: 'failed'; readonly message: string; readonly atMs: number };

export interface InfraState {
  readonly phase: 'up' | 'stopping';
  readonly services: Partial<Record<ServiceName, ServiceState>>;
  /** The last ports, so that URLs stay the same between runs. */
  readonly ports: Partial<Record<ServiceName, number>>;
}

/** A process that needs services, for as long as it lives or until it removes its file. */
export interface InfraUser {
  readonly process: ProcessIdentity;
  readonly needs: readonly ServiceName[];
  readonly sinceMs: number;
}

export function infraFolder(dataDir: string): string {
  return join(dataDir, 'infra');
}

export function makeFolders(dataDir: string) {
  openDataDir(dataDir);
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

/** Registers this process. The returned function unregisters it. */
export function registerUser(dataDir: string, needs: readonly ServiceName[]): () => void {
  const path = join(usersFolder(dataDir), `${process.pid}-${randomUUID()}.json`);
  writeJson(path, { process: ownIdentity(), needs, sinceMs: Date.now() } satisfies InfraUser);
  return () => rmSync(path, { force: true });
}

/** The living users. The files of the others are removed. */
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

function usersFolder(dataDir: string): string {
  return join(infraFolder(dataDir), 'users');
}
