import { z } from 'zod';
import { FrameSender, Requester } from '@aisle/broker';
import { ClusterNode, ClusterRepository } from '@aisle/cluster';
import { BasketProtocol, PricesProtocol, SHARDS, SandboxProtocol } from '@aisle/contracts';
import { Journal, JournalPruner, JournalTail, PostgresStorage } from '@aisle/journal';
import { createDataSource, createPool } from '@aisle/persistence';
import {
  BaseConfig, JournalConfig, LeaseConfig, consumerReport, crashReport, createBrokerApp, failureReport, nodeReport,
  showDeadLetters, showNode, type AppContext, type RunningApp,
} from '@aisle/platform';
import { Registry } from '@aisle/registry';
import { uuidv7 } from '@aisle/std';
import { Supervisor, System } from '@aisle/supervision';
import { errorFields } from '@aisle/telemetry';
import { BasketServerModule } from './basket-server.module.ts';
import { DYNAMIC_USER_BASKET_SUPERVISOR, basketServerTree } from './basket-server.tree.ts';
import { Baskets, basketKind } from './basket/baskets.ts';
import { Checkouts } from './checkout/checkouts.ts';
import { placeOrder, type Place } from './checkout/place-order.ts';
import { PlacedOrders } from './checkout/placed-orders.ts';
import { UnplacedCheckouts } from './checkout/unplaced-checkouts.ts';
import { Sweeper } from './expiry/sweeper.ts';
import { absorbElsewhere } from './merge/absorb-elsewhere.ts';
import { Merger } from './merge/merger.ts';
import { Merges } from './merge/merges.ts';
import { Prices } from './pricing/prices.ts';
import { OrderPrices } from './quote/order-prices.ts';
import { Quotes } from './quote/quotes.ts';
import { CATALOGUE_CONSUMER, startCatalogue } from './catalogue/start-catalogue.ts';
import { startStrategies } from './strategy/start-strategies.ts';
import { strategyStore } from './strategy/strategy-store.ts';

const BasketServerConfig = BaseConfig.extend({
  /** The app role's: it reads and writes this app's schema, and changes no table. */
  DATABASE_URL: z.url(),
  ...LeaseConfig.shape,
  ...JournalConfig.shape,
  /** Baskets in memory at once; above it, those unused for longest go. Half a million lines at ten a basket. */
  BASKETS_LIVE_MAX: z.coerce.number().int().min(1).max(1_000_000).default(50_000),
  /** About the memory that they may take, in MiB. */
  BASKETS_LIVE_MIB_MAX: z.coerce.number().int().min(1).default(512),
  /** A basket unused for so long goes from memory; the next command brings it back. */
  BASKET_IDLE_MS: z.coerce.number().int().min(100).default(5 * 60_000),
  /** For development: a folder of strategies, of which each is in force as soon as it is saved. */
  STRATEGIES_FOLDER: z.string().min(1).optional(),
  /** A basket that nobody changed for so long is emptied. Same on every node; only tests want seconds. */
  ABANDONED_AFTER_MS: z.coerce.number().int().min(1_000).default(30 * 24 * 60 * 60 * 1_000),
});

type Context = AppContext<z.infer<typeof BasketServerConfig>>;

/** On a busy machine the first connection takes a while. */
const START_WITHIN_MS = 30_000;
/** How often the journal is looked through for what was begun and not ended. */
const UNFINISHED_EVERY_MS = 2_000;
const PROTOCOLS = [BasketProtocol, PricesProtocol, SandboxProtocol];
/** Histories are read with connections that rules, the catalogue and baskets are read by as well. */
const HISTORIES_AT_ONCE = 2;

/** What the readers of the journal act with. */
interface TailParts {
  readonly journal: Journal;
  readonly heldShards: () => readonly number[];
  readonly baskets: Baskets;
  readonly prices: Prices;
  readonly merger: Merger;
  readonly place: Place;
  readonly placed: PlacedOrders;
}

/** Hosts baskets. Any number of them run side by side, each with its share of the shards. */
export const basketServer = { name: 'basket-server', config: BasketServerConfig, start };

async function start(context: Context): Promise<RunningApp> {
  const { config, logger, runtime, transport, metrics } = context;
  const incarnation = uuidv7(runtime);
  const queue = `basket-server-${incarnation}`;
  const connection = { url: config.DATABASE_URL, schema: 'basket', applicationName: incarnation };
  // A start has time; a command waits for none of these connections. One listens for new rules.
  const database = await createDataSource({ ...connection, poolMax: 3, connectTimeoutMs: START_WITHIN_MS });
  // One connection commits: two would halve the groups, and a commit costs more than what it carries (ADR 7).
  const storage = new PostgresStorage({ ...connection, incarnation, runtime, lanes: 1 });
  const journal = new Journal({ storage, runtime });
  const strategies = await startStrategies({
    store: strategyStore({ database, databaseUrl: config.DATABASE_URL, runtime }),
    runtime, logger, metrics, journal, folder: config.STRATEGIES_FOLDER,
  });
  const catalogue = await startCatalogue({
    database, connection, runtime, backbone: await context.backbone(), onEvent: consumerReport(context),
    onFailed: failureReport(context, 'catalogue not read'),
  });
  const prices = new Prices(strategies.rules, catalogue.inForce, runtime.clock, strategies.report);
  const system = new System(runtime, { hooks: { onCrash: crashReport(context) } });
  const root = await system.start(basketServerTree(config.BASKETS_LIVE_MAX));
  const pool = createPool({ ...connection, poolMax: 2 });
  const node = new ClusterNode({
    storage: new ClusterRepository(pool, SHARDS.basket),
    journal,
    runtime,
    incarnation,
    queue,
    actors: basketKind({
      journal,
      registry: new Registry(system, { keys: 'unique' }),
      supervisor: Supervisor.child(root, DYNAMIC_USER_BASKET_SUPERVISOR),
      runtime,
    }),
    limits: {
      actorsMax: config.BASKETS_LIVE_MAX,
      bytesMax: config.BASKETS_LIVE_MIB_MAX * 1_024 * 1_024,
      idleMs: config.BASKET_IDLE_MS,
    },
    times: { leaseMs: config.LEASE_MS, marginMs: config.LEASE_MARGIN_MS },
    onEvent: nodeReport(context),
  });

  const heldShards = (): readonly number[] => node.heldShards;
  const baskets = new Baskets({ node, journal });
  const outbox = new FrameSender({ transport, runtime });
  const requester = new Requester({ transport, runtime, sender: outbox, replyQueue: `${queue}-replies` });
  const merger = new Merger({ baskets, prices, absorb: absorbElsewhere(requester) });
  const [place, placed] = [placeOrder(requester), new PlacedOrders()];
  const checkouts = new Checkouts({ baskets, prices, place, placed, runtime, report: strategies.report });
  const tails = tailsOf(context, { journal, heldShards, baskets, prices, merger, place, placed });
  const module = BasketServerModule.with({
    baskets, prices, merger, checkouts, strategies: strategies.strategies,
    orderPrices: new OrderPrices({ prices, rules: strategies.rules, runtime }), quotes: new Quotes(runtime),
  });
  const server = await createBrokerApp(module, {
    ...context, queue, protocols: PROTOCOLS, owns: (shard) => node.accepts(shard), turns: HISTORIES_AT_ONCE,
  });
  await server.listen();
  await node.join();
  for (const tail of tails) tail.start();
  showNode(context, { node, journal, system }, 'baskets');
  const letters = showDeadLetters(context, { connection, consumers: [CATALOGUE_CONSUMER] });

  return {
    // The shards go first, each once its commands are answered; what comes meanwhile is sent back to a manager.
    async stop() {
      await Promise.all(tails.map((tail) => tail.stop()));
      await node.leave();
      await server.close();
      await requester.close();
      await root.stop('shutdown', 'infinity');
      await catalogue.stop();
      await strategies.stop();
      await journal.close();
      await Promise.all([pool.end(), database.destroy(), letters.close()]);
    },
  };
}

/** Who reads the journal of the shards here: what was begun is ended, and what was abandoned, or is old, goes. */
function tailsOf(context: Context, parts: TailParts): readonly Pick<JournalTail, 'start' | 'stop'>[] {
  const { config, logger, runtime } = context;
  const { journal, heldShards, baskets, prices, merger, place, placed } = parts;
  const unfinished = [
    new Merges({ journal, runtime, merger }),
    new UnplacedCheckouts({
      place, placed, prices, runtime,
      onRefused: (orderId, failure) => logger.error('order refused for good', { orderId, ...errorFields(failure) }),
    }),
  ];
  return [
    new JournalTail({
      journal, runtime, heldShards, everyMs: UNFINISHED_EVERY_MS, consumers: unfinished,
      onFailed: failureReport(context, 'journal not followed'),
    }),
    new Sweeper({
      journal, runtime, heldShards, baskets, prices,
      abandonedAfterMs: config.ABANDONED_AFTER_MS,
      onFailed: failureReport(context, 'abandoned baskets not expired'),
    }),
    new JournalPruner({
      journal, runtime, heldShards, retentionMs: config.JOURNAL_RETENTION_MS,
      onFailed: failureReport(context, 'journal not pruned'),
    }),
  ];
}
