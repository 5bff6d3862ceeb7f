import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureInfra } from '@aisle/dev';
import { freePort } from '@aisle/dev/testing';
import { Client } from 'pg';
import type { Address } from './http-connection.ts';
import { NodeProcess, THIS_CHECKOUT } from './node-process.ts';

/** The servers that all contenders share. */
export interface Servers {
  readonly redisUrl: string;
  readonly adminDatabaseUrl: string;
  /** An administrator's connection, to create databases. */
  readonly admin: Client;
}

/** Aisle, process by process, in a database of its own. */
export interface AisleSystem {
  readonly address: Address;
  /** The prefix of its apps' keys in Redis. */
  readonly keyPrefix: string;
  readonly apps: readonly AisleApp[];
  /** Ends its processes, drops its data, and returns the last output of its processes. */
  stop(): Promise<string[]>;
}

/** One of its processes. */
export interface AisleApp {
  readonly name: string;
  readonly pid: number;
  readonly opsUrl: string;
  /** See `NodeProcess.ask`. */
  ask<T>(message: string): Promise<T>;
}

export interface AisleSystemOptions {
  readonly servers: Servers;
  readonly basketServers: number;
  /** Additional apps, one process each. */
  readonly alsoApps?: readonly ('market' | 'orders' | 'inventory')[] | undefined;
  /** Added to every app's environment. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** Node's flags for basket-servers. */
  readonly nodeFlags?: readonly string[] | undefined;
  /** Fills the seeded database before any app reads it. */
  readonly prepare?: ((database: Client) => Promise<void>) | undefined;
  /** The folder of another checkout, to be run instead of this one. */
  readonly checkout?: string | undefined;
  readonly profileFolder?: string | undefined;
}

/** Of the administrator's key. */
const SECRET = 'b'.repeat(43);

/** One gateway, one manager, and basket-servers; resolves when all are ready. */
export async function startAisleSystem(options: AisleSystemOptions): Promise<AisleSystem> {
  const { servers, basketServers, alsoApps = [], profileFolder, checkout } = options;
  const database = await freshDatabase(servers);
  const keyPrefix = `bench-${unique()}`;
  const shared = {
    REDIS_URL: servers.redisUrl,
    REDIS_KEY_PREFIX: keyPrefix,
    DATABASE_URL: database.appUrl,
    LOG_LEVEL: 'warn',
    SHARD_GROUPS: alsoApps.includes('market') ? 'basket,market' : 'basket',
    ...options.environment,
  };
  const migrating = { ...shared, DATABASE_ADMIN_URL: servers.adminDatabaseUrl };
  // basket-manager uses schemas of the others. Other checkouts may have no tables of these apps.
  const later = ['basket-manager', 'gateway'].filter((app) => existsSync(join(checkout ?? THIS_CHECKOUT, `apps/${app}/src/migrate.ts`)));
  for (const app of ['basket-server', ...alsoApps, ...later]) {
    const entry = `apps/${app}/src/migrate.ts`;
    await new NodeProcess({ name: 'migrate', checkout, entry, args: ['--seed'], environment: migrating }).done();
  }
  if (options.prepare) await inDatabase(database.adminUrl, options.prepare);

  const port = await freePort();
  // Adds have a key, as in production. Single requests of a benchmark may do without; a gateway in production would not permit that.
  const access = { NODE_ENV: 'development', ANONYMOUS_SCOPES: 'all', ADMIN_KEY_SHA256: createHash('sha256').update(SECRET).digest('hex') };
  const started: (AisleApp & { readonly process: NodeProcess })[] = [];
  const startApp = async (app: string, instance: string, nodeFlags: readonly string[] = []): Promise<void> => {
    const opsPort = await freePort();
    const process = new NodeProcess({
      name: instance,
      checkout,
      entry: `apps/${app}/src/main.ts`,
      environment: { ...shared, ...(app === 'gateway' ? access : {}), PORT: String(port), OPS_PORT: String(opsPort), INSTANCE: instance },
      nodeFlags,
      profileFolder,
    });
    const opsUrl = `http://127.0.0.1:${opsPort}`;
    started.push({ name: instance, pid: process.pid, opsUrl, ask: (message) => process.ask(message), process });
  };
  await startApp('gateway', 'gateway');
  for (const app of [...alsoApps].reverse()) await startApp(app, app);
  await startApp('basket-manager', 'basket-manager');
  for (let n = 1; n <= basketServers; n += 1) await startApp('basket-server', `basket-server-${n}`, options.nodeFlags);

  const stop = async (): Promise<string[]> => {
    // The edge first, so that nobody waits for an answer.
    for (const { process } of started) await process.stop();
    await database.drop();
    return started.flatMap(({ name, process }) => process.lines.map((line) => `${name}: ${line}`));
  };
  try {
    await Promise.all(started.map(({ process, opsUrl }) => process.ready(`${opsUrl}/health/ready`)));
  } catch (error) {
    await stop();
    throw error;
  }
  return { address: { host: '127.0.0.1', port, key: `aisle_admin_${SECRET}` }, keyPrefix, apps: started, stop };
}

/** Flags of Node with which `ask` collects all garbage and returns a process's `memoryUsage()`. */
export const MEMORY_PROBE = ['--expose-gc', '--import', fileURLToPath(new URL('../../gc-probe.mjs', import.meta.url))];

/** Starts a system on the servers of this machine, stops it after use, and prints its processes' output. */
export async function withAisleSystem<T>(
  options: Omit<AisleSystemOptions, 'servers'>, use: (system: AisleSystem, admin: Client) => Promise<T>,
): Promise<T> {
  const infra = await ensureInfra();
  const admin = new Client({ connectionString: infra.adminDatabaseUrl });
  await admin.connect();
  let system: AisleSystem | undefined;
  try {
    system = await startAisleSystem({ servers: { ...infra, admin }, ...options });
    return await use(system, admin);
  } finally {
    const printed = await system?.stop();
    for (const line of printed ?? []) console.log(line);
    await admin.end();
    await infra.release();
  }
}

async function inDatabase(url: string, run: (database: Client) => Promise<void>): Promise<void> {
  const database = new Client({ connectionString: url });
  await database.connect();
  try {
    await run(database);
  } finally {
    await database.end();
  }
}

/** A database for one system alone. */
interface FreshDatabase {
  readonly name: string;
  readonly adminUrl: string;
  /** The same database, for a role of the same name, which does not exist yet. */
  readonly appUrl: string;
  drop(): Promise<void>;
}

/** Chooses a name. The first user creates it. */
export async function freshDatabase({ admin, adminDatabaseUrl }: Servers): Promise<FreshDatabase> {
  const name = `aisle_bench_${unique()}`;
  const adminUrl = new URL(adminDatabaseUrl);
  adminUrl.pathname = `/${name}`;
  const appUrl = new URL(adminUrl);
  appUrl.username = name;
  appUrl.password = 'bench';
  return {
    name,
    adminUrl: adminUrl.toString(),
    appUrl: appUrl.toString(),
    async drop() {
      await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      await admin.query(`DROP ROLE IF EXISTS ${name}`);
    },
  };
}

function unique(): string {
  return randomUUID().replaceAll('-', '').slice(0, 12);
}
