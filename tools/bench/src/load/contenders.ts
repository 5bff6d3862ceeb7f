import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import type { Client } from 'pg';
import type { MeteredProcess } from './cpu.ts';
import type { Address } from './http-connection.ts';
import { freePort, NodeProcess } from './node-process.ts';

/** Servers that every contender may use. */
export interface Servers {
  readonly redisUrl: string;
  readonly adminDatabaseUrl: string;
  /** A connection of an administrator's, to make databases with. */
  readonly admin: Client;
}

/** One of the systems compared: it answers the add-item route at `address`. */
export interface Contender {
  readonly name: ContenderName;
  readonly address: Address;
  readonly processes: readonly MeteredProcess[];
  /** Whether it keeps adds in PostgreSQL, so that its WAL is of interest. */
  readonly durable: boolean;
  /** How often a client may send an add again with the same key: not at all where keys are unknown. */
  readonly retriesMax: number;
  /** Ends its processes, drops what it made, and answers what they printed last. */
  stop(): Promise<string[]>;
}

/** `against` is Aisle as it stands in another checkout. */
export type ContenderName = 'typeorm' | 'redis' | 'aisle' | 'against';

export interface ContenderOptions {
  readonly servers: Servers;
  /** Where each process writes a profile when it ends. */
  readonly profileFolder?: string | undefined;
  /** The checkout of `against`. */
  readonly checkout?: string | undefined;
}

/** Starts one; resolves when it is ready. */
export function startContender(name: ContenderName, options: ContenderOptions): Promise<Contender> {
  switch (name) {
    case 'typeorm':
      return startTypeormCart(options);
    case 'redis':
      return startRedisCart(options);
    case 'aisle':
      return startAisle(name, { ...options, checkout: undefined });
    case 'against':
      return startAisle(name, options);
  }
}

async function startTypeormCart({ servers, profileFolder }: ContenderOptions): Promise<Contender> {
  const database = await freshDatabase(servers);
  await servers.admin.query(`CREATE DATABASE ${database.name}`);
  const cart = await startPeer('typeorm-cart', { DATABASE_URL: database.adminUrl }, profileFolder);
  return {
    ...cart,
    name: 'typeorm',
    durable: true,
    async stop() {
      const printed = await cart.stop();
      await database.drop();
      return printed;
    },
  };
}

async function startRedisCart({ servers, profileFolder }: ContenderOptions): Promise<Contender> {
  const REDIS_PREFIX = `bench-${unique()}:`;
  const cart = await startPeer('redis-cart', { REDIS_URL: servers.redisUrl, REDIS_PREFIX }, profileFolder);
  return {
    ...cart,
    name: 'redis',
    durable: false,
    async stop() {
      const printed = await cart.stop();
      await deleteKeys(servers.redisUrl, REDIS_PREFIX);
      return printed;
    },
  };
}

async function deleteKeys(redisUrl: string, prefix: string): Promise<void> {
  const redis = new Redis(redisUrl);
  for await (const keys of redis.scanStream({ match: `${prefix}*`, count: 1_000 })) {
    if (keys.length > 0) await redis.unlink(keys);
  }
  await redis.quit();
}

async function startPeer(
  name: string,
  environment: Record<string, string>,
  profileFolder: string | undefined,
): Promise<Omit<Contender, 'name' | 'durable'>> {
  const port = await freePort();
  const entry = `tools/bench/peers/${name}/main.ts`;
  const cart = new NodeProcess({
    name,
    entry,
    environment: { ...environment, PORT: String(port) },
    profileFolder,
  });
  await cart.ready(`http://127.0.0.1:${port}/health/ready`);
  return {
    address: { host: '127.0.0.1', port },
    processes: [{ name, pid: cart.pid }],
    retriesMax: 0,
    async stop() {
      await cart.stop();
      return [...cart.lines];
    },
  };
}

/** One gateway, one manager and two basket-servers. */
async function startAisle(
  name: 'aisle' | 'against',
  { servers, profileFolder, checkout }: ContenderOptions,
): Promise<Contender> {
  const database = await freshDatabase(servers);
  const shared = {
    REDIS_URL: servers.redisUrl,
    REDIS_KEY_PREFIX: `bench-${unique()}`,
    DATABASE_URL: database.appUrl,
    LOG_LEVEL: 'warn',
  };
  await new NodeProcess({
    name: 'migrate',
    checkout,
    entry: 'apps/basket-server/src/migrate.ts',
    args: ['--seed'],
    environment: { ...shared, DATABASE_ADMIN_URL: servers.adminDatabaseUrl },
  }).done();

  const port = await freePort();
  const startApp = async (app: string, instance: string): Promise<NodeProcess> => {
    const opsPort = await freePort();
    const started = new NodeProcess({
      name: instance,
      checkout,
      entry: `apps/${app}/src/main.ts`,
      environment: { ...shared, PORT: String(port), OPS_PORT: String(opsPort), INSTANCE: instance },
      profileFolder,
    });
    await started.ready(`http://127.0.0.1:${opsPort}/health/ready`);
    return started;
  };
  const apps = await Promise.all([
    startApp('gateway', 'gateway'),
    startApp('basket-manager', 'basket-manager'),
    startApp('basket-server', 'basket-server-1'),
    startApp('basket-server', 'basket-server-2'),
  ]);
  return {
    name,
    address: { host: '127.0.0.1', port },
    processes: apps.map(({ name, pid }) => ({ name, pid })),
    durable: true,
    retriesMax: 3,
    async stop() {
      // The edge first: nobody may be left waiting for an answer.
      for (const app of apps) await app.stop();
      await database.drop();
      return apps.flatMap(({ name, lines }) => lines.map((line) => `${name}: ${line}`));
    },
  };
}

interface FreshDatabase {
  readonly name: string;
  readonly adminUrl: string;
  /** The same database for a role of the same name, which nobody has made yet. */
  readonly appUrl: string;
  drop(): Promise<void>;
}

async function freshDatabase({ admin, adminDatabaseUrl }: Servers): Promise<FreshDatabase> {
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
