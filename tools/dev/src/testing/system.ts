import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { APPS, APP_NAMES, type AppName } from '../app-list.ts';
import { bundled, type Programs } from '../build/programs.ts';
import { ensureInfra } from '../infra/ensure.ts';
import { OPEN, SHOPPER_KEYS } from '../launcher/access.ts';
import { urlSetting } from '../launcher/app-database.ts';
import { PORT_TAKEN_CODE, TRY_AGAIN_CODE, ask, type Reachable } from '../process/ops-port.ts';
import { workspaceRoot } from '../workspace.ts';
import { freePort } from './free-port.ts';
import { copyTemplate, dropDatabase, ensureTemplate } from './seeded-database.ts';

/** One real process of an app, with its log so far. */
export interface AppProcess extends Reachable {
  readonly instance: string;
  readonly pid: number;
  /** The app's address for products; the gateway has one. */
  readonly url: string;
  readonly logs: readonly string[];
  signal(signal: NodeJS.Signals): void;
  /** Resolves with the exit code, or with the signal that ended it. */
  ended(): Promise<number | NodeJS.Signals>;
}

/** The ports of an app: for its users, if it has any, and for operators. */
export interface AppPorts {
  readonly port: number;
  readonly opsPort: number;
}

/** A complete system with its own database, key prefix and processes. Stop it in `afterAll`. */
export interface TestSystem {
  readonly gatewayUrl: string;
  readonly adminDatabaseUrl: string;
  /** The URL with the app's own role. */
  databaseUrlOf(app: AppName): string;
  readonly redisUrl: string;
  readonly redisKeyPrefix: string;
  readonly apps: readonly AppProcess[];
  /** Uses free ports unless told which ones to try first, and others if those are taken. */
  start(app: AppName, ports?: AppPorts): Promise<AppProcess>;
  /** All logged lines of level error. */
  errors(): readonly string[];
  stop(): Promise<void>;
}

/** Replacements for the shared servers and the workspace's sources. */
export interface SystemOptions {
  /** Servers other than the ensured ones. */
  readonly servers?: { readonly redisUrl: string; readonly adminDatabaseUrl: string };
  /** Overrides a process's environment, such as URLs of a proxy. */
  readonly environmentOf?: (instance: string, environment: AppEnvironment) => Promise<Partial<AppEnvironment>>;
}

interface AppEnvironment {
  readonly REDIS_URL: string;
  readonly DATABASE_URL: string;
  /** Everything is permitted unless this is empty. */
  readonly ANONYMOUS_SCOPES?: string;
  readonly ADMIN_KEY_SHA256?: string;
  /** A file with certificates that Node trusts beside the usual ones. */
  readonly NODE_EXTRA_CA_CERTS?: string;
}

// A bound on hangs only: a dozen processes may start at once on two busy cores.
const READY_WITHIN_MS = 900_000;
const ANSWER_WITHIN_MS = 10_000;
const STARTS_MAX = 5;

/** The default: a gateway, a manager and two basket-servers. */
const USUAL: Partial<Record<AppName, number>> = { 'basket-server': 2, 'basket-manager': 1, gateway: 1 };
const MIGRATED = APP_NAMES.filter((app) => APPS[app].hasTables);
/** The apps that host the shards of a group. */
const HOSTS = { basket: 'basket-server', market: 'market' } as const;

/**
 * Starts the given number of processes of each app, bundled as deployed, on the ensured Redis and PostgreSQL, in a
 * freshly seeded database, unless given other servers. Rejects with a process's log if it does not become ready.
 */
export async function startSystem(
  counts: Partial<Record<AppName, number>> = {},
  { servers, environmentOf = async () => ({}) }: SystemOptions = {},
): Promise<TestSystem> {
  const infra = servers ?? (await ensureInfra());
  const unique = randomUUID().replaceAll('-', '').slice(0, 12);
  const wanted = { ...USUAL, ...counts };
  const groups = Object.entries(HOSTS).filter(([, host]) => (wanted[host] ?? 0) > 0);
  const environment = {
    REDIS_URL: infra.redisUrl,
    REDIS_KEY_PREFIX: `e2e-${unique}`,
    SHARD_GROUPS: groups.map(([group]) => group).join(),
    LOG_LEVEL: 'info',
  };
  const apps = APP_NAMES.filter((app) => (wanted[app] ?? 0) > 0);
  const programs = await bundled();
  // The seed contains dates relative to today.
  const digest = `${programs.digest}_${new Date().toISOString().slice(0, 10).replaceAll('-', '')}`;
  const template = await ensureTemplate(infra.adminDatabaseUrl, digest, (urlOf) => migrateAll(programs, infra.adminDatabaseUrl, urlOf));
  const database = `aisle_e2e_${unique}`;
  const databaseUrlOf = (app: AppName): string => template.urlOf(app, database);
  await copyTemplate(infra.adminDatabaseUrl, template, database, MIGRATED);

  const processes: AppProcess[] = [];
  let instances = 0;
  const start = async (app: AppName, ports?: AppPorts): Promise<AppProcess> => {
    instances += 1;
    const instance = `${app}-${instances}`;
    const usual = { ...environment, DATABASE_URL: databaseUrlOf(app), ...(app === 'gateway' ? { ...OPEN, ...SHOPPER_KEYS } : {}) };
    const own = await environmentOf(instance, usual);
    const started = await startApp(programs.argsOf(`apps/${app}/src/main.ts`), instance, { ...usual, ...own }, ports);
    processes.push(started);
    return started;
  };
  const names = apps.flatMap((app) => Array<AppName>(wanted[app] ?? 0).fill(app));
  const stop = async (): Promise<void> => {
    for (const one of processes) one.signal('SIGTERM');
    await Promise.all(processes.map((one) => one.ended()));
    await dropDatabase(infra.adminDatabaseUrl, database);
  };
  const started = await Promise.allSettled(names.map((app) => start(app)));
  const failed = started.find((one) => one.status === 'rejected');
  if (failed) {
    await stop();
    throw failed.reason;
  }

  return {
    gatewayUrl: processes.find(({ instance }) => instance.startsWith('gateway'))?.url ?? '',
    adminDatabaseUrl: infra.adminDatabaseUrl,
    databaseUrlOf,
    redisUrl: infra.redisUrl,
    redisKeyPrefix: environment.REDIS_KEY_PREFIX,
    apps: processes,
    start,
    errors: () => processes.flatMap(({ logs }) => logs.filter((line) => line.includes('"level":"error"'))),
    stop,
  };
}

/** Every app's schemas and seed data, whichever apps a system has. */
async function migrateAll(programs: Programs, adminUrl: string, urlOf: (app: AppName) => string): Promise<void> {
  const urls = Object.fromEntries(MIGRATED.map((app) => [urlSetting(app), urlOf(app)]));
  await runToEnd(spawnNode([...programs.argsOf('tools/workspace/src/monolith/migrate.ts'), '--seed'], {
    SHARD_GROUPS: Object.keys(HOSTS).join(), DATABASE_URL: urlOf('market'), DATABASE_ADMIN_URL: adminUrl, ...urls,
  }));
}

/** Starts again on other ports if one is taken, and again if the servers are too busy. */
async function startApp(
  args: string[], instance: string, environment: Record<string, string>, wanted?: AppPorts,
): Promise<AppProcess> {
  for (let tried = 1, ports = wanted; ; tried += 1, ports = undefined) {
    const { port, opsPort } = ports ?? { port: await freePort(), opsPort: await freePort() };
    const launchId = randomUUID();
    const own = { INSTANCE: instance, PORT: String(port), OPS_PORT: String(opsPort), LAUNCH_ID: launchId };
    const child = spawnNode(args, { ...environment, ...own });
    const logs = linesOf(child);
    const ended = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
    const opsUrl = `http://127.0.0.1:${opsPort}`;
    if (await isReady({ opsUrl, launchId }, child)) {
      return {
        instance, opsUrl, launchId, logs,
        pid: child.pid as number,
        url: `http://127.0.0.1:${port}`,
        signal: (signal) => void child.kill(signal),
        ended: () => ended,
      };
    }
    child.kill('SIGKILL');
    if ((child.exitCode === PORT_TAKEN_CODE || child.exitCode === TRY_AGAIN_CODE) && tried < STARTS_MAX) continue;
    throw new Error(`${instance} is not ready at ${opsUrl}:\n${logs.join('\n')}`);
  }
}

function spawnNode(args: string[], environment: Record<string, string>): ChildProcess {
  return spawn(process.execPath, args, {
    cwd: workspaceRoot,
    env: { PATH: process.env['PATH'], HOST: '127.0.0.1', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function linesOf(child: ChildProcess): string[] {
  const lines: string[] = [];
  const collect = (chunk: Buffer): void => void lines.push(...chunk.toString().split('\n').filter(Boolean));
  child.stdout?.on('data', collect);
  child.stderr?.on('data', collect);
  return lines;
}

async function runToEnd(child: ChildProcess): Promise<void> {
  const lines = linesOf(child);
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`the process ended with ${code}:\n${lines.join('\n')}`);
}

async function isReady(app: Reachable, child: ChildProcess): Promise<boolean> {
  const untilMs = Date.now() + READY_WITHIN_MS;
  while (Date.now() < untilMs && child.exitCode === null && child.signalCode === null) {
    if ((await ask(app, '/health/ready', ANSWER_WITHIN_MS))?.ok) return true;
    await sleep(50);
  }
  return false;
}
