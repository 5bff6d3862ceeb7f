import { z } from 'zod';
import { FrameSender, Requester } from '@aisle/broker';
import { ClusterNode, ClusterRepository } from '@aisle/cluster';
import { Currency, MarketProtocol, ProductProtocol, SHARDS, StockProtocol, TOPICS } from '@aisle/contracts';
import { OutboxRelay } from '@aisle/events';
import { Journal, JournalPruner, PostgresStorage } from '@aisle/journal';
import { createPool } from '@aisle/persistence';
import {
  BaseConfig, JournalConfig, LeaseConfig, crashReport, createBrokerApp, failureReport, nodeReport, relayReport,
  showConsumers, showNode, type AppContext, type RunningApp,
} from '@aisle/platform';
import { Registry } from '@aisle/registry';
import { uuidv7 } from '@aisle/std';
import { Supervisor, System } from '@aisle/supervision';
import { Ageing } from './expiry/ageing.ts';
import { Deadlines } from './expiry/deadlines.ts';
import { DueRows } from './expiry/due.repository.ts';
import { OrderLog } from './inbox/order-log.ts';
import { MarketModule } from './market.module.ts';
import { DYNAMIC_MARKET_SUPERVISOR, marketTree } from './market.tree.ts';
import { Markets, marketKind } from './market/markets.ts';
import { poolProblem, showPools } from './pools.ts';
import { MarketLists } from './rows/market-lists.repository.ts';
import { MarketRows } from './rows/market-rows.repository.ts';
import { OrderLookUp } from './rows/order-look-up.ts';
import { openRows } from './rows/rows.repository.ts';

const MarketConfig = BaseConfig.extend({
  /** The app role's: it reads this app's rows, and writes only through the journal. */
  DATABASE_URL: z.url(),
  /** Connections that read rows: loads, lists and what is due. The journal has five more, the cluster two, the relay one. */
  DATABASE_POOL_MAX: z.coerce.number().int().min(1).max(100).default(4),
  /** A query that waits longer for a connection fails, and its request may come again. 4 s: a request has five. */
  DATABASE_WAIT_MS: z.coerce.number().int().min(10).max(60_000).default(4_000),
  ...LeaseConfig.shape,
  ...JournalConfig.shape,
  /** Markets in memory at once; above it, those unused for longest go. */
  MARKETS_LIVE_MAX: z.coerce.number().int().min(1).max(100_000).default(2_000),
  /** About the memory that they may take, in MiB: a product takes half a KiB. */
  MARKETS_LIVE_MIB_MAX: z.coerce.number().int().min(1).default(1_024),
  /** A market unused for so long goes from memory; the next command brings it back. */
  MARKET_IDLE_MS: z.coerce.number().int().min(100).default(10 * 60_000),
  /** The currency of a market that its first product makes. Same on every node. */
  DEFAULT_CURRENCY: Currency.default('GBP'),
  /** Available units at which a product of a new market is low. Same on every node. */
  DEFAULT_LOW_STOCK: z.coerce.number().int().min(0).default(5),
  /** Days before its last one from which a lot of a new market is near it. Same on every node. */
  DEFAULT_NEAR_EXPIRY_DAYS: z.coerce.number().int().min(0).max(365).default(3),
  /** How often lots are looked at: they age by days. */
  LOTS_EVERY_MS: z.coerce.number().int().min(100).default(60_000),
});

type Config = z.infer<typeof MarketConfig>;
type Context = AppContext<Config>;

/** Who follows what markets tell: they are waited for, so that what was told before they first came is not lost to them. */
const FOLLOWERS = ['basket-catalogue', 'inventory-stock', 'orders'];
const PROTOCOLS = [MarketProtocol, ProductProtocol, StockProtocol];

/** Hosts markets: what they sell and what there is of it. Any number of them run side by side, each with its share. */
export const market = { name: 'market', config: MarketConfig, start };

async function start(context: Context): Promise<RunningApp> {
  const { config, logger, runtime, transport } = context;
  const incarnation = uuidv7(runtime);
  const queue = `market-${incarnation}`;
  const connection = { url: config.DATABASE_URL, schema: 'market', applicationName: incarnation };
  const { database, pool: rowsPool } = await openRows({
    ...connection, poolMax: config.DATABASE_POOL_MAX, connectTimeoutMs: config.DATABASE_WAIT_MS,
  });
  const rows = new MarketRows(database, config.DATABASE_URL);
  const storage = new PostgresStorage({ ...connection, incarnation, runtime, lanes: 1 });
  const journal = new Journal({ storage, runtime });
  const system = new System(runtime, { hooks: { onCrash: crashReport(context) } });
  const root = await system.start(marketTree(config.MARKETS_LIVE_MAX));
  const pool = createPool({ ...connection, poolMax: 2 });
  const node = new ClusterNode({
    storage: new ClusterRepository(pool, SHARDS.market),
    journal,
    runtime,
    incarnation,
    queue,
    actors: marketKind({
      journal, rows,
      lookUp: new OrderLookUp(rows, runtime),
      registry: new Registry(system, { keys: 'unique' }),
      supervisor: Supervisor.child(root, DYNAMIC_MARKET_SUPERVISOR),
    }),
    limits: {
      actorsMax: config.MARKETS_LIVE_MAX,
      bytesMax: config.MARKETS_LIVE_MIB_MAX * 1_024 * 1_024,
      idleMs: config.MARKET_IDLE_MS,
    },
    times: { leaseMs: config.LEASE_MS, marginMs: config.LEASE_MARGIN_MS },
    onEvent: nodeReport(context),
  });

  const markets = new Markets({ node, clock: runtime.clock, defaults: defaultsOf(config) });
  const requester = new Requester({
    transport, runtime, sender: new FrameSender({ transport, runtime }), replyQueue: `${queue}-replies`,
  });
  const due = new DueRows(database, config.DATABASE_URL);
  const deadlines = new Deadlines({
    rows: due, requester, runtime,
    wakeups: (options) => context.wakeups('reservations', options),
    onFailed: failureReport(context, 'wake-up not ordered'),
  });
  const ageing = new Ageing({
    rows: due, markets, runtime, heldShards: () => node.heldShards, everyMs: config.LOTS_EVERY_MS,
    onFailed: failureReport(context, 'lots not aged'),
  });
  const pruner = new JournalPruner({
    journal, runtime, heldShards: () => node.heldShards, retentionMs: config.JOURNAL_RETENTION_MS,
    onFailed: failureReport(context, 'journal not pruned'),
  });
  const relay = new OutboxRelay({
    database: connection, backbone: await context.backbone(), runtime, keepFor: { [TOPICS.markets]: FOLLOWERS },
    onEvent: relayReport(context),
  });
  const lists = new MarketLists(database, config.DATABASE_URL);
  const module = MarketModule.with({ markets, lists, deadlines, log: new OrderLog(logger) });
  // All but one of the connections may be taken by lists, as many as there are.
  const turns = Math.max(1, config.DATABASE_POOL_MAX - 1);
  const server = await createBrokerApp(module, {
    ...context, queue, protocols: PROTOCOLS, owns: (shard) => node.accepts(shard), turns,
  });
  await server.listen();
  await node.join();
  relay.start();
  ageing.start();
  pruner.start();
  showNode(context, { node, journal, system }, 'markets');
  showConsumers(context, { connection, client: database, topics: [TOPICS.markets] });
  context.health.check('database', () => poolProblem(rowsPool, config.DATABASE_POOL_MAX));
  showPools(context.metrics, { rows: { pool: rowsPool, max: config.DATABASE_POOL_MAX }, cluster: { pool, max: 2 } });

  return {
    // The shards go first, each once its commands are answered; what comes meanwhile is sent back to a manager.
    async stop() {
      await Promise.all([ageing.stop(), pruner.stop(), deadlines.close()]);
      await node.leave();
      await server.close();
      await requester.close();
      await root.stop('shutdown', 'infinity');
      await relay.stop();
      await journal.close();
      await Promise.all([pool.end(), database.destroy()]);
    },
  };
}

function defaultsOf(config: Config): ConstructorParameters<typeof Markets>[0]['defaults'] {
  const { DEFAULT_CURRENCY: currency, DEFAULT_LOW_STOCK: lowStock, DEFAULT_NEAR_EXPIRY_DAYS: nearExpiryDays } = config;
  return { currency, rounding: 'half-up', lowStock, nearExpiryDays, version: 1 };
}
