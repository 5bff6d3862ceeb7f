import { randomBytes } from 'node:crypto';
import {
  chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { identify, stopProcess, type ProcessIdentity } from '../process/identity.ts';
import { run } from '../process/run.ts';
import { postgresPlace, type PostgresPlace } from './postgres-programs.ts';
import { launch, onFreePort, type Running, type Service, type StartContext } from './service.ts';

const MAJOR = '18';
const OLD_SESSIONS_MS = 15_000;

// Durability stays as in production: fsync and synchronous_commit keep their defaults (on).
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '256MB',
  wal_compression: 'on',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

export const postgres: Service = {
  name: 'postgres',
  // "Fast" shutdown first (it ends sessions and checkpoints), then "immediate" (recovers on start).
  stopSteps: [['SIGINT', 15_000], ['SIGQUIT', 5_000], ['SIGKILL', 2_000]],

  async start(context) {
    const place = postgresPlace(context.dataDir);
    const data = join(place.folder, 'data');
    if (!existsSync(data)) await createCluster(place, context);
    checkVersion(data);
    await clearPostmaster(data);
    return afterOldSessions(() => onFreePort(context, (port) => startOn(port, place, context)));
  },

  async probe(url) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
    // The server may end a session that is being opened; the rejection reports it.
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.query('select 1');
    } finally {
      await client.end().catch(() => undefined);
    }
  },
};

async function startOn(port: number, place: PostgresPlace, context: StartContext): Promise<Running> {
  const password = readFileSync(join(place.folder, 'password'), 'utf8');
  const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
  const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = await launch(
    postgres,
    context,
    {
      path: join(place.programs, 'bin', 'postgres'),
      args: ['-D', join(place.folder, 'data'), '-p', String(port), ...settings],
      options: { ...place.user, cwd: '/', env: serverEnv() },
    },
    () => postgres.probe(url),
  );
  return { url, port, source: `embedded PostgreSQL ${MAJOR}, data in ${place.folder}`, process: server };
}

/** Created beside and renamed, so that an incomplete cluster is never started. */
async function createCluster(place: PostgresPlace, context: StartContext) {
  context.note('creating the PostgreSQL data folder');
  const fresh = join(place.folder, 'fresh');
  const passwordFile = join(fresh, 'password');
  const password = randomBytes(18).toString('base64url');
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh);
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if ('uid' in place.user) {
    for (const path of [fresh, passwordFile]) chownSync(path, place.user.uid, place.user.gid);
  }
  await run(
    join(place.programs, 'bin', 'initdb'),
    [
      `--pgdata=${join(fresh, 'data')}`, '--username=postgres', `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
    ],
    { ...place.user, cwd: '/', env: serverEnv() },
  );
  writeFileSync(join(place.folder, 'password'), password, { mode: 0o600 });
  renameSync(join(fresh, 'data'), join(place.folder, 'data'));
  rmSync(fresh, { recursive: true });
}

function checkVersion(data: string) {
  let version: string;
  try {
    version = readFileSync(join(data, 'PG_VERSION'), 'utf8').trim();
  } catch (error) {
    throw new Error(
      `cannot read ${data}: it belongs to the user with id ${statSync(data).uid}; ` +
        'start as that user, or move the folder away to begin with an empty database',
      { cause: error },
    );
  }
  if (version !== MAJOR) {
    throw new Error(
      `${data} was made by PostgreSQL ${version}, and this is ${MAJOR}: ` +
        'move the folder away to begin with an empty database',
    );
  }
}

/**
 * Stops the server of an earlier keeper on this folder. The pid of a killed server may now belong to a zombie or, after
 * a reboot, to another program, and PostgreSQL would take it for a server. Our own pid in its place is known to be
 * stale, since the parent of a server is none. The rest of the file stays, because it protects from sessions that
 * outlive their server for a moment.
 */
async function clearPostmaster(data: string) {
  const pidFile = join(data, 'postmaster.pid');
  let lines: string[];
  try {
    lines = readFileSync(pidFile, 'utf8').split('\n');
  } catch {
    return;
  }
  const owner = identify(Number(lines[0]));
  if (owner !== undefined && (await isPostgres(owner))) await stopProcess(owner, postgres.stopSteps);
  if (existsSync(pidFile)) writeFileSync(pidFile, [process.pid, ...lines.slice(1)].join('\n'));
}

/** Sessions of a killed server end by themselves a moment later; until then no server can start. */
async function afterOldSessions(start: () => Promise<Running>): Promise<Running> {
  const untilMs = Date.now() + OLD_SESSIONS_MS;
  for (;;) {
    try {
      return await start();
    } catch (error) {
      const busy = /pre-existing shared memory block/.test((error as Error).message);
      if (!busy || Date.now() > untilMs) throw error;
    }
    await sleep(100);
  }
}

async function isPostgres({ pid }: ProcessIdentity): Promise<boolean> {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'postgres';
    return basename((await run('ps', ['-o', 'comm=', '-p', String(pid)])).trim()) === 'postgres';
  } catch {
    return false;
  }
}

/** Without the PG* variables, which are for clients of some other database. */
function serverEnv(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('PG'));
  return { ...Object.fromEntries(kept), LC_ALL: 'C' };
}
