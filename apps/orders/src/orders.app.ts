import { FrameSender, Requester } from '@aisle/broker';
import { OrderProtocol, TOPICS } from '@aisle/contracts';
import { EventConsumer, OutboxRelay } from '@aisle/events';
import { createDataSource, naming } from '@aisle/persistence';
import {
  BaseConfig, consumerReport, createBrokerApp, relayReport, showConsumers, showDeadLetters, type AppContext, type RunningApp,
} from '@aisle/platform';
import { assert, Grouped, isFailure, uuidv7 } from '@aisle/std';
import { errorFields } from '@aisle/telemetry';
import { z } from 'zod';
import type { OrderAddress } from './order/change-set.ts';
import { OrderChanges } from './order/order-changes.ts';
import { OrderDesk } from './order/order-desk.ts';
import { OrdersRepository } from './order/orders.repository.ts';
import { OrdersModule } from './orders.module.ts';
import { OrderPlacing } from './placing/order-placing.ts';
import { PlacingRepository } from './placing/placing.repository.ts';
import { OrderPrices } from './pricing/order-prices.ts';
import { OrderReadsRepository } from './reading/order-reads.repository.ts';
import { OrderReads } from './reading/order-reads.ts';
import type { StoredOrder } from './reading/stored-order.ts';
import { OrderHistoryRow } from './rows/order-history.row.ts';
import { OrderRow } from './rows/order.row.ts';
import { BasketRestores } from './steps/basket-restores.ts';
import { Deadlines } from './steps/deadlines.ts';
import { OrderSteps } from './steps/order-steps.ts';
import { PatientRequests } from './steps/patient-requests.ts';
import { FOLLOWED, followEvents } from './stock/follow-events.ts';
import { MarketStock } from './stock/market-stock.ts';
import { ProductsRepository } from './stock/products.repository.ts';
import { StockFollower } from './stock/stock-follower.ts';

const OrdersConfig = BaseConfig.extend({
  /** The app role's: it reads and writes this app's schema, and changes no table. */
  DATABASE_URL: z.url(),
  /** Connections for rows; relay, consumer and operators have four of their own. Four partitions and three groups share them. */
  DATABASE_POOL_MAX: z.coerce.number().int().min(2).max(50).default(6),
  /** An order that is not decided by then is timed out, and stock that is not committed by then goes back. */
  ORDER_TIMEOUT_MS: z.coerce.number().int().min(500).default(60_000),
  /** An answer of the market that takes longer is lost; a shard that moves is back within a second or two. */
  MARKET_ATTEMPT_MS: z.coerce.number().int().min(50).default(2_000),
  /** An answer of basket-server to what an order costs, or to what it gives back, that takes longer is lost. Rules may be slow. */
  BASKET_ATTEMPT_MS: z.coerce.number().int().min(50).default(3_000),
  /** After so long without an answer a step is asked for again. Longer than all attempts of one ask. */
  ORDER_RETRY_MS: z.coerce.number().int().min(100).default(15_000),
});

type Context = AppContext<z.infer<typeof OrdersConfig>>;

/** Whatever is listed, most connections are for orders on their way. */
const LISTS_AT_ONCE = 2;

const SCHEMA = 'orders';
/** The name under which this app reads what markets and inventory tell. */
const CONSUMER = 'orders';
/** Consumers of our topics. Events are kept for each, even before its first start. */
const FOLLOWERS = { [TOPICS.orders]: ['inventory'] };

/** Takes orders, and follows each to its end. Any number of them run side by side and share the work. */
export const orders = { name: 'orders', config: OrdersConfig, start };

async function start(context: Context): Promise<RunningApp> {
  const { config, runtime, transport } = context;
  const connection = { url: config.DATABASE_URL, schema: SCHEMA, applicationName: config.INSTANCE };
  const database = await createDataSource({
    ...connection, poolMax: config.DATABASE_POOL_MAX, entities: [OrderRow, OrderHistoryRow],
  });
  const backbone = await context.backbone();
  const relay = new OutboxRelay({
    database: connection, backbone, runtime, keepFor: FOLLOWERS, onEvent: relayReport(context),
  });
  const outbox = new FrameSender({ transport, runtime });
  const broker = new Requester({ transport, runtime, sender: outbox, replyQueue: `${config.INSTANCE}-${uuidv7(runtime)}` });
  const named = <T extends object>(repository: T): T => naming(config.DATABASE_URL, repository);
  const rows = {
    orders: named(new OrdersRepository(database, { clock: runtime.clock, retryMs: config.ORDER_RETRY_MS })),
    placing: named(new PlacingRepository(database)),
    reads: named(new OrderReadsRepository(database)),
  };
  const { placing, desk, reads, follower, steps, deadlines } = parts(context, { rows, broker, relay });
  const consumer = new EventConsumer({
    name: CONSUMER,
    topics: FOLLOWED,
    backbone,
    database: connection,
    runtime,
    handle: followEvents(follower, new ProductsRepository(database)),
    onEvent: consumerReport(context),
  });
  const server = await createBrokerApp(OrdersModule.with({ placing, desk, reads }), {
    ...context, queue: OrderProtocol.place.queue, protocols: [OrderProtocol], turns: LISTS_AT_ONCE,
  });
  await server.listen();
  relay.start();
  consumer.start();
  const letters = showDeadLetters(context, { connection, consumers: [CONSUMER] });
  showConsumers(context, { connection, client: database, topics: Object.keys(FOLLOWERS) });
  return {
    // New orders stop first; what is under way still needs the other apps, and the relay tells of it to the last.
    async stop() {
      await server.close();
      await consumer.stop();
      await Promise.all([deadlines.stop(), steps.stop()]);
      await relay.stop();
      await broker.close();
      await Promise.all([database.destroy(), letters.close()]);
    },
  };
}

interface Ground {
  readonly rows: {
    readonly orders: OrdersRepository;
    readonly placing: PlacingRepository;
    readonly reads: OrderReadsRepository;
  };
  readonly broker: Requester;
  readonly relay: OutboxRelay;
}

/** Who does what with the rows, each for many orders at once. */
function parts({ config, logger, runtime, wakeups }: Context, { rows, broker, relay }: Ground) {
  const together = <T, R>(run: (items: readonly T[]) => Promise<readonly R[]>): ((item: T) => Promise<R>) => {
    const grouped = new Grouped<T, R>({
      runtime,
      run,
      concernsAll: (failure) => isFailure(failure) && failure.kind === 'unavailable',
    });
    return (item) => grouped.run(item);
  };
  const find = together(rows.reads.find.bind(rows.reads));
  const reads = new OrderReads({ find, list: rows.reads.list.bind(rows.reads) });
  const storedOf = together(rows.reads.stored.bind(rows.reads));
  const stored = async (order: OrderAddress): Promise<StoredOrder> => {
    const found = await storedOf(order);
    assert(found, 'an order that stands is stored');
    return found;
  };
  const changes = new OrderChanges({
    repository: rows.orders,
    logger,
    onChanged: () => relay.hint(),
    onStep: () => deadlines.expect(runtime.clock.nowMs() + config.ORDER_RETRY_MS),
  });
  const requests = new PatientRequests({ broker, runtime, attemptMs: config.BASKET_ATTEMPT_MS });
  const prices = new OrderPrices({ broker, requests, stored });
  const steps = new OrderSteps({
    changes, prices, logger,
    market: new MarketStock({ requests: new PatientRequests({ broker, runtime, attemptMs: config.MARKET_ATTEMPT_MS }), runtime }),
    restores: new BasketRestores({ requests, stored }),
  });
  const follower = new StockFollower({ repository: rows.orders, changes, steps });
  const deadlines: Deadlines = new Deadlines({
    repository: rows.orders,
    steps,
    wakeups: (options) => wakeups('orders', options),
    onFailed: (error) => logger.warn('wake-up not scheduled', errorFields(error)),
  });
  const desk = new OrderDesk({ change: together(changes.change.bind(changes)), steps, read: reads.read.bind(reads) });
  const placing = new OrderPlacing({
    place: together(rows.placing.placeAll.bind(rows.placing)),
    hashOf: together(rows.placing.hashesOf.bind(rows.placing)),
    readPlaced: reads.readPlaced.bind(reads),
    onPlaced(expiresAtMs) {
      relay.hint();
      deadlines.expect(expiresAtMs);
    },
    prices,
    runtime,
    logger,
    timeoutMs: config.ORDER_TIMEOUT_MS,
  });
  return { placing, desk, reads, follower, steps, deadlines };
}
