import { randomUUID } from 'node:crypto';
import { freePort } from '@aisle/dev/testing';
import { Redis } from 'ioredis';
import { freshDatabase, startAisleSystem, type Servers } from './aisle-system.ts';
import type { MeteredProcess } from './cpu.ts';
import type { Address } from './http-connection.ts';
import { NodeProcess } from './node-process.ts';
import type { Routes } from './routes.ts';

/** A compared system, which serves the add-item route at `address`. */
export interface Contender {
  readonly name: ContenderName;
  readonly address: Address;
  /** Aisle's own by default. */
  readonly routes?: Routes | undefined;
  readonly processes: readonly MeteredProcess[];
  /** True if it keeps adds in PostgreSQL, so that its WAL is measured. */
  readonly durable: boolean;
  /** The retries of an add under the same key: 0 without idempotency keys. */
  readonly retriesMax: number;
  /** Ends its processes, drops its data, and returns the last output of its processes. */
  stop(): Promise<string[]>;
}

/** `against` is Aisle of another checkout. */
export type ContenderName = PeerName | 'aisle' | 'against';

/** See `tools/bench/peers/README.md`. */
export const PEERS = ['typeorm', 'redis', 'prototype', 'restate'] as const;
export type PeerName = (typeof PEERS)[number];

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
    case 'prototype':
      return startPrototype(options);
    case 'restate':
      return startRestateCart(options);
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

/** As many processes as Aisle has. */
async function startPrototype({ servers, profileFolder }: ContenderOptions): Promise<Contender> {
  const database = await freshDatabase(servers);
  await servers.admin.query(`CREATE DATABASE ${database.name}`);
  const port = await freePort();
  const REDIS_PREFIX = `bench-${unique()}:`;
  const environment = {
    REDIS_URL: servers.redisUrl, REDIS_PREFIX, DATABASE_URL: database.adminUrl, PORT: String(port),
  };
  const start = (name: string, ...args: string[]): NodeProcess =>
    new NodeProcess({ name, entry: 'tools/bench/peers/bare-prototype/main.ts', args, environment, profileFolder });
  const gateway = start('gateway', 'gateway');
  const started = [gateway, start('manager', 'manager'), start('server-1', 'server', '0'), start('server-2', 'server', '1')];
  const stop = async (): Promise<string[]> => {
    for (const process of started) await process.stop();
    await deleteKeys(servers.redisUrl, REDIS_PREFIX);
    await database.drop();
    return started.flatMap(({ name, lines }) => lines.map((line) => `${name}: ${line}`));
  };
  try {
    await gateway.ready(`http://127.0.0.1:${port}/health/ready`);
  } catch (error) {
    throw new Error((await stop()).join('\n'), { cause: error });
  }
  return {
    name: 'prototype',
    address: { host: '127.0.0.1', port },
    processes: started.map(({ name, pid }) => ({ name, pid })),
    durable: true,
    retriesMax: 3,
    stop,
  };
}

/** restate-server is a child of the process of its services. */
async function startRestateCart({ profileFolder }: ContenderOptions): Promise<Contender> {
  const [port, adminPort, servicesPort] = [await freePort(), await freePort(), await freePort()];
  const services = new NodeProcess({
    name: 'restate-cart',
    entry: 'tools/bench/peers/restate-cart/main.ts',
    environment: {
      PORT: String(port), ADMIN_PORT: String(adminPort), SERVICES_PORT: String(servicesPort),
      // Of the SDK, which otherwise logs each call.
      RESTATE_LOGGING: 'ERROR',
    },
    profileFolder,
  });
  const routes: Routes = {
    add: (market, basket) => `/basket/${market}~${basket}/add`,
    read: (market, basket) => `/basket/${market}~${basket}/read`,
  };
  await services.ready(`http://127.0.0.1:${port}${routes.read('m1', 'ready')}`);
  return {
    name: 'restate',
    address: { host: '127.0.0.1', port },
    routes,
    processes: [
      { name: services.name, pid: services.pid },
      { name: 'restate-server', pid: await services.ask<number>('the pid of restate-server') },
    ],
    durable: false,
    retriesMax: 3,
    async stop() {
      await services.stop();
      return [...services.lines];
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
