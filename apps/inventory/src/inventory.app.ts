import { FrameSender, Requester } from '@aisle/broker';
import { TOPICS } from '@aisle/contracts';
import { EventConsumer, InboxPruner, OutboxRelay } from '@aisle/events';
import { createDataSource } from '@aisle/persistence';
import {
  BaseConfig, InboxConfig, consumerReport, failureReport, relayReport, showConsumers, showDeadLetters, type AppContext, type RunningApp,
} from '@aisle/platform';
import { uuidv7 } from '@aisle/std';
import { z } from 'zod';
import { LedgerRepository } from './reservation/ledger.repository.ts';
import { MarketStock } from './reservation/market-stock.ts';
import { Reservations } from './reservation/reservations.ts';
import { StockProjectionRepository } from './stock/stock-projection.repository.ts';

const InventoryConfig = BaseConfig.extend({
  /** The app role's: it reads and writes this app's schema, and changes no table. */
  DATABASE_URL: z.url(),
  ...InboxConfig.shape,
  /** Connections for rows; relay, consumers and operators have six of their own. Each partition has one batch under way. */
  DATABASE_POOL_MAX: z.coerce.number().int().min(2).max(50).default(4),
});

type Context = AppContext<z.infer<typeof InventoryConfig>>;

/** Consumers of our topics. Events are kept for each, even before its first start. */
const FOLLOWERS = { [TOPICS.inventory]: ['orders'] };

/** Two names: what markets tell of their stock never waits for what orders want of it. */
const CONSUMERS = ['inventory', 'inventory-stock'] as const;

/** Reserves the stock of orders, and keeps the books of it. Any number of them run side by side and share the work. */
export const inventory = { name: 'inventory', config: InventoryConfig, start };

async function start(context: Context): Promise<RunningApp> {
  const { config, logger, runtime, transport } = context;
  const connection = { url: config.DATABASE_URL, schema: 'inventory', applicationName: config.INSTANCE };
  const database = await createDataSource({ ...connection, poolMax: config.DATABASE_POOL_MAX });
  const backbone = await context.backbone();
  const relay = new OutboxRelay({
    database: connection, backbone, runtime, keepFor: FOLLOWERS, onEvent: relayReport(context),
  });
  const outbox = new FrameSender({ transport, runtime });
  const broker = new Requester({ transport, runtime, sender: outbox, replyQueue: `${config.INSTANCE}-${uuidv7(runtime)}` });
  const reservations = new Reservations({
    ledger: new LedgerRepository(database),
    market: new MarketStock({ broker, runtime }),
    onEntered: () => relay.hint(),
    logger,
  });
  const consumerOf = { backbone, database: connection, runtime, onEvent: consumerReport(context) };
  const consumers = [
    new EventConsumer({ ...consumerOf, name: CONSUMERS[0], topics: [TOPICS.orders], handle: reservations.handle }),
    new EventConsumer({
      ...consumerOf, name: CONSUMERS[1], topics: [TOPICS.markets],
      handle: new StockProjectionRepository(database).handle,
    }),
  ];
  const pruner = new InboxPruner({
    client: database, retentionMs: config.INBOX_RETENTION_MS, runtime, onFailed: failureReport(context, 'inbox not pruned'),
  });
  relay.start();
  for (const consumer of consumers) consumer.start();
  pruner.start();
  const letters = showDeadLetters(context, { connection, consumers: CONSUMERS });
  showConsumers(context, { connection, client: database, topics: Object.keys(FOLLOWERS) });
  return {
    // The batches under way still need the market, and the relay tells of them to the last.
    async stop() {
      await Promise.all([...consumers.map((consumer) => consumer.stop()), pruner.stop()]);
      await relay.stop();
      await broker.close();
      await Promise.all([database.destroy(), letters.close()]);
    },
  };
}
