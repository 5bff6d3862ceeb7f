import { setTimeout as sleep } from 'node:timers/promises';
import { FrameSender, Requester, clientTo, createRedisTransport } from '@aisle/broker';
import { StockProtocol } from '@aisle/contracts';
import { freePort } from '@aisle/dev/testing';
import { systemRuntime as runtime, uuidv7 } from '@aisle/std';
import { Client } from 'pg';
import { connectOrders } from '../../peers/typeorm-orders/connect.ts';
import { freshDatabase, startAisleSystem, type Servers } from '../load/aisle-system.ts';
import type { MeteredProcess } from '../load/cpu.ts';
import type { Address } from '../load/http-connection.ts';
import { NodeProcess } from '../load/node-process.ts';

/** A system that takes orders of one hot product. */
export interface Ordering {
  readonly name: 'aisle' | 'typeorm';
  readonly address: Address;
  readonly processes: readonly MeteredProcess[];
  readonly market: string;
  readonly sku: string;
  /** The numbers of orders that are CONFIRMED and REJECTED. */
  decided(): Promise<{ confirmed: number; rejected: number }>;
  /** Asks for the stock of one order at its place of decision, without the way there. True if there was stock. */
  decide(orderId: string): Promise<boolean>;
  stop(): Promise<string[]>;
}

export interface OrderingOptions {
  readonly servers: Servers;
  /** Units of the hot product. */
  readonly stock: number;
  readonly profileFolder?: string | undefined;
}

const MARKET = 'hot-market';
/** Ordered over HTTP. */
const SKU = 'hot';
/** Decided at the stock. */
const DECIDED_SKU = 'hot-decided';
/** After the end of any run. */
const EXPIRES_AT = new Date(Date.now() + 86_400_000).toISOString();
const DEADLINE_MS = 10_000;

/** The whole way: gateway, orders, inventory, market, and the events between them. */
export async function startAisleOrdering({ servers, stock, profileFolder }: OrderingOptions): Promise<Ordering> {
  let databaseUrl = '';
  const system = await startAisleSystem({
    servers, basketServers: 1, alsoApps: ['market', 'inventory', 'orders'], profileFolder,
    prepare: async (database) => {
      const { rows } = await database.query<{ name: string }>('SELECT current_database() AS name');
      const url = new URL(servers.adminDatabaseUrl);
      url.pathname = `/${rows[0]?.name}`;
      databaseUrl = url.toString();
    },
  });
  const { address } = system;
  const base = `http://${address.host}:${address.port}/v1/markets/${MARKET}`;
  await call('PUT', base, { currency: 'GBP' });
  for (const sku of [SKU, DECIDED_SKU]) {
    await call('POST', `${base}/products`, {
      sku, name: 'The hot one', price: { amount: 100, currency: 'GBP' }, quantity: stock,
    });
  }
  await sellable(base);
  const database = await connected(databaseUrl);
  const transport = createRedisTransport({ url: servers.redisUrl, keyPrefix: `${system.keyPrefix}:`, runtime });
  const broker = new Requester({
    transport, runtime, sender: new FrameSender({ transport, runtime }), replyQueue: `bench-${uuidv7(runtime)}`,
  });
  return {
    name: 'aisle', address, processes: system.apps, market: MARKET, sku: SKU,
    decided: () => countDecided(database, 'orders.orders'),
    async decide(orderId) {
      const call = { id: `reserve/${orderId}`, tenant: 'default', traceparent: '', deadlineMs: runtime.clock.nowMs() + DEADLINE_MS };
      const lines = [{ sku: DECIDED_SKU, quantity: 1 }];
      const body = { orderId, lines, expiresAt: EXPIRES_AT, allowPartial: false };
      return (await clientTo(broker, StockProtocol, { market: MARKET }, call).reserve(body)).outcome === 'reserved';
    },
    async stop() {
      await broker.close();
      await transport.close();
      await database.end();
      return system.stop();
    },
  };
}

/** One process that decides an order within its own transaction. */
export async function startTypeormOrdering({ servers, stock, profileFolder }: OrderingOptions): Promise<Ordering> {
  const fresh = await freshDatabase(servers);
  await servers.admin.query(`CREATE DATABASE ${fresh.name}`);
  const port = await freePort();
  const peer = new NodeProcess({
    name: 'typeorm-orders',
    entry: 'tools/bench/peers/typeorm-orders/main.ts',
    environment: { DATABASE_URL: fresh.adminUrl, PORT: String(port) },
    profileFolder,
  });
  await peer.ready(`http://127.0.0.1:${port}/health/ready`);
  const database = await connected(fresh.adminUrl);
  await database.query('INSERT INTO stock (sku, quantity) VALUES ($1, $3), ($2, $3)', [SKU, DECIDED_SKU, stock]);
  const orders = await connectOrders(fresh.adminUrl);
  return {
    name: 'typeorm', address: { host: '127.0.0.1', port }, processes: [{ name: 'typeorm-orders', pid: peer.pid }],
    market: MARKET, sku: SKU,
    decided: () => countDecided(database, '"order" WHERE market = $1', [MARKET]),
    decide: async () => (await orders.place('decided', [{ sku: DECIDED_SKU, quantity: 1 }])).status === 'CONFIRMED',
    async stop() {
      await peer.stop();
      await orders.end();
      await database.end();
      await fresh.drop();
      return [...peer.lines];
    },
  };
}

async function countDecided(
  database: Client, table: string, values: readonly string[] = [],
): Promise<{ confirmed: number; rejected: number }> {
  const { rows } = await database.query<{ status: string; count: string }>(
    `SELECT status, count(*) FROM ${table} GROUP BY status`, [...values],
  );
  const count = (status: string): number => Number(rows.find((row) => row.status === status)?.count ?? 0);
  return { confirmed: count('CONFIRMED'), rejected: count('REJECTED') };
}

/** A new product reaches the baskets' prices by an event, and orders are priced there. */
async function sellable(base: string): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const answer = await fetch(`${base}/quotes`, { ...json({ items: [SKU] }), method: 'POST' });
    if (answer.ok) return;
    await sleep(100);
  }
  throw new Error('the hot product cannot be bought');
}

async function call(method: string, url: string, body: unknown): Promise<void> {
  const answer = await fetch(url, { ...json(body), method });
  if (!answer.ok) throw new Error(`${method} ${url} was answered ${answer.status}: ${await answer.text()}`);
}

function json(body: unknown): RequestInit {
  return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

async function connected(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  await client.connect();
  return client;
}
