import { randomUUID } from 'node:crypto';
import { freePort } from '@aisle/dev/testing';
import { Redis } from 'ioredis';
import { freshDatabase, startAisleSystem, type Servers } from './aisle-system.ts';
import type { MeteredProcess } from './cpu.ts';
import type { Address } from './http-connection.ts';
import { NodeProcess } from './node-process.ts';

/** A compared system, which serves the add-item route at `address`. */
export interface Contender {
  readonly name: ContenderName;
  readonly address: Address;
  readonly processes: readonly MeteredProcess[];
  /** True if it keeps adds in PostgreSQL, so that its WAL is measured. */
  readonly durable: boolean;
  /** The retries of an add under the same key: 0 without idempotency keys. */
  readonly retriesMax: number;
  /** Ends its processes, drops its data, and returns the last output of its processes. */
  stop(): Promise<string[]>;
}

/** `against` is Aisle of another checkout. */
export type ContenderName = 'typeorm' | 'redis' | 'aisle' | 'against';

export interface ContenderOptions {
  readonly servers: Servers;
  /** The folder of a profile of each process, written at its end. */
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
  const system = await startAisleSystem({ servers, basketServers: 2, profileFolder, checkout });
  return {
    name,
    address: system.address,
    processes: system.apps.map(({ name, pid }) => ({ name, pid })),
    durable: true,
    retriesMax: 3,
    stop: () => system.stop(),
  };
}

function unique(): string {
  return randomUUID().replaceAll('-', '').slice(0, 12);
}
