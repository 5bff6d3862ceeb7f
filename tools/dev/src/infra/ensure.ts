import { spawn, type ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { signalProcess } from '../process/identity.ts';
import { lockHolder } from '../process/lock.ts';
import { kafka } from './kafka.ts';
import { postgres } from './postgres.ts';
import { redis } from './redis.ts';
import { logPath, openLog, type Log } from '../logs/log-file.ts';
import { defaultDataDir, sourceArgs } from '../workspace.ts';
import {
  infraFolder, livingUsers, makeFolders, readState, registerUser,
  type InfraState, type ServiceName, type ServiceState,
} from './state.ts';

export interface EnsureOptions {
  /** The folder of the servers' data, logs and state; `AISLE_DATA_DIR` or `.aisle` by default. */
  readonly dataDir?: string;
  /** Redis and PostgreSQL by default. Kafka must be requested. */
  readonly needs?: readonly ServiceName[];
  /** Called with reasons of a long wait, one line each. */
  readonly report?: (line: string) => void;
}

/** Servers that answer. The URL of a service that was not requested is empty. */
export interface Infra {
  readonly redisUrl: string;
  /** The administrator's URL: may create databases and roles. */
  readonly adminDatabaseUrl: string;
  /** `host:port`, separated by commas. */
  readonly kafkaBrokers: string;
  /** The origin of each server, as a phrase for people. */
  readonly sources: Readonly<Partial<Record<ServiceName, string>>>;
  /** Ends this call's use of the servers. The end of the process does so as well. */
  release(): Promise<void>;
  /** Releases, and if nobody else uses the servers, waits until they have stopped. */
  stop(): Promise<'stopped' | 'still used'>;
}

interface Found {
  readonly url: string;
  readonly source: string;
}

const SERVICES = { redis, postgres, kafka };
const GIVEN = { redis: 'REDIS_URL', postgres: 'DATABASE_URL', kafka: 'KAFKA_BROKERS' };
/** A wait of this length is reported, and again after twice as long. */
const PATIENT_MS = 30_000;
const STOPPED_WITHIN_MS = 30_000;
const KEEPER = 'tools/dev/src/infra/keeper.ts';

/**
 * A real Redis, PostgreSQL 18 and Kafka. `REDIS_URL`, `DATABASE_URL` and `KAFKA_BROKERS` name existing ones. Otherwise
 * the first caller starts servers of this workspace. Later callers of any process share them, and they stop some
 * seconds after the last of these processes has ended. Rejects with the failure and a remedy.
 */
export async function ensureInfra(options: EnsureOptions = {}): Promise<Infra> {
  const dataDir = resolve(options.dataDir ?? defaultDataDir());
  const needs = new Set(options.needs ?? (['redis', 'postgres'] as const));
  const found: Partial<Record<ServiceName, Found>> = {};
  for (const name of needs) {
    const given = await givenByEnvironment(name);
    if (given !== undefined) found[name] = given;
  }
  const kept = [...needs].filter((name) => found[name] === undefined);
  let unregister = () => {};
  if (kept.length > 0) {
    makeFolders(dataDir);
    unregister = registerUser(dataDir, kept);
    try {
      Object.assign(found, await keptServices(dataDir, kept, options.report ?? (() => {})));
    } catch (error) {
      unregister();
      // Stop the servers that came up if nobody else needs them.
      await stopUnused(dataDir).catch(() => undefined);
      throw error;
    }
  }
  return {
    redisUrl: found.redis?.url ?? '',
    adminDatabaseUrl: found.postgres?.url ?? '',
    kafkaBrokers: found.kafka?.url ?? '',
    sources: Object.fromEntries(Object.entries(found).map(([name, { source }]) => [name, source])),
    release: async () => unregister(),
    async stop() {
      unregister();
      return kept.length > 0 ? stopUnused(dataDir) : 'still used';
    },
  };
}

async function givenByEnvironment(name: ServiceName): Promise<Found | undefined> {
  const variable = GIVEN[name];
  const url = process.env[variable];
  if (!url) return undefined;
  try {
    await SERVICES[name].probe(url);
  } catch (error) {
    const cause = error instanceof Error ? error.message || error.name : String(error);
    throw new Error(
      `${variable} is set, but its server does not answer (${cause}): ` +
        `start it, correct the URL, or unset ${variable}`,
      { cause: error },
    );
  }
  return { url, source: variable };
}

/** Waits without limit until the keeper reports the services and they answer. Starts a keeper if none lives. */
async function keptServices(
  dataDir: string,
  needs: readonly ServiceName[],
  report: (line: string) => void,
): Promise<Partial<Record<ServiceName, Found>>> {
  const sinceMs = Date.now();
  const reported = new Set<string>();
  let tellAtMs = PATIENT_MS;
  let keeper: StartedKeeper | undefined;
  for (;;) {
    const alive = lockHolder(infraFolder(dataDir)) !== undefined;
    const state = alive ? readState(dataDir) : undefined;
    if (!alive) keeper = spawnedKeeper(dataDir, keeper);
    if (state?.phase === 'up') {
      for (const name of needs) {
        const service = state.services[name];
        if (service?.status === 'failed' && service.atMs >= sinceMs) throw new Error(service.message);
        if (service?.status !== 'starting' || service.note === undefined) continue;
        if (!reported.has(service.note)) report(service.note);
        reported.add(service.note);
      }
      const found = await answering(needs, state.services);
      if (found !== undefined) return found;
    }
    const tookMs = Date.now() - sinceMs;
    if (tookMs >= tellAtMs) {
      const missing = needs.filter((name) => state?.services[name]?.status !== 'up');
      report(`${(missing.length > 0 ? missing : needs).join(' and ')} not up after ${Math.round(tookMs / 1000)} s, see ${logPath(dataDir, 'keeper')}`);
      tellAtMs = 2 * tookMs;
    }
    await sleep(alive ? 25 : 50);
  }
}

async function stopUnused(dataDir: string): Promise<'stopped' | 'still used'> {
  const untilMs = Date.now() + STOPPED_WITHIN_MS;
  let keeper: StartedKeeper | undefined;
  while (livingUsers(dataDir).length === 0) {
    const holder = lockHolder(infraFolder(dataDir));
    if (holder !== undefined) signalProcess(holder, 'SIGUSR2');
    // Servers whose keeper was killed get a new one, which takes them over and stops them.
    else if (hasServices(readState(dataDir))) keeper = spawnedKeeper(dataDir, keeper);
    else return 'stopped';
    if (Date.now() > untilMs) {
      throw new Error(`the keeper of ${dataDir} does not stop, see ${logPath(dataDir, 'keeper')}`);
    }
    await sleep(100);
  }
  return 'still used';
}

function hasServices(state: InfraState | undefined): boolean {
  return Object.keys(state?.services ?? {}).length > 0;
}

/** All services, or undefined if one is not up or does not answer. */
async function answering(
  needs: readonly ServiceName[],
  services: Partial<Record<ServiceName, ServiceState>>,
): Promise<Partial<Record<ServiceName, Found>> | undefined> {
  const found: Partial<Record<ServiceName, Found>> = {};
  for (const name of needs) {
    const service = services[name];
    if (service?.status !== 'up') return undefined;
    try {
      await SERVICES[name].probe(service.url);
    } catch {
      return undefined;
    }
    found[name] = { url: service.url, source: service.source };
  }
  return found;
}

let replacement: StartedKeeper | undefined;

/** Starts a keeper if that of the servers has died, and calls `onStart`. The servers live on in the meantime. */
export function ensureKeeper(dataDir: string, onStart: () => void): void {
  if (lockHolder(infraFolder(dataDir)) !== undefined || readState(dataDir)?.phase !== 'up') return;
  const before = replacement;
  replacement = spawnedKeeper(dataDir, before);
  if (replacement !== before) onStart();
}

interface StartedKeeper {
  readonly child: ChildProcess;
  readonly log: Log;
}

/**
 * The keeper of this caller, or a new one after its end: it may have lost the lock to a keeper that was about to stop.
 * A failing keeper reports its reason.
 */
function spawnedKeeper(dataDir: string, previous: StartedKeeper | undefined): StartedKeeper {
  if (previous?.child.exitCode) {
    throw new Error(`the keeper of ${dataDir} failed:\n${previous.log.tail()}`);
  }
  if (previous?.child.exitCode === null && previous.child.signalCode === null) return previous;
  const log = openLog(dataDir, 'keeper');
  const { NODE_OPTIONS: _, ...env } = process.env;
  const child = spawn(process.execPath, [...sourceArgs(KEEPER), dataDir], {
    cwd: dataDir,
    env,
    // A session of its own: neither Ctrl-C in the terminal nor its end reaches it.
    detached: true,
    stdio: ['ignore', log.descriptor, log.descriptor],
  });
  log.close();
  child.unref();
  return { child, log };
}
