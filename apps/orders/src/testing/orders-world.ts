import { Inbox, Outbox, Requester, decodeBody, reply, type Envelope, type Transport } from '@aisle/broker';
import { BASKET_MESSAGES, TOPICS, type EventData, type EventType, type QuoteItems } from '@aisle/contracts';
import { eventsSchema } from '@aisle/events';
import { createPool, migrate, prepareDatabase } from '@aisle/persistence';
import { testDatabase } from '@aisle/persistence/testing';
import { memoryLinks, type RunningApp } from '@aisle/platform';
import { Failure, systemRuntime, uuidv7 } from '@aisle/std';
import { createLogger, createMetrics } from '@aisle/telemetry';
import type { Pool } from 'pg';
import { orders } from '../orders.app.ts';
import { ordersSchema } from '../schema.ts';
import { FakeMarket } from './fake-market.ts';

class ProductUnknown extends Failure {
  readonly kind = 'rejected';
  readonly code = 'basket.product_unknown';
}

/** What is told on a topic, by hand: positions are counted here. */
export interface Told<T extends EventType = EventType> {
  readonly type: T;
  readonly key: string;
  readonly data: EventData<T>;
}

/** The orders app on a database of its own; the other apps are fakes that keep their word. */
export interface OrdersWorld {
  readonly market: FakeMarket;
  readonly rows: Pool;
  /** Log lines of level info and above. */
  readonly logs: Record<string, unknown>[];
  /** Pence, by SKU; what is not here is not sold. */
  readonly prices: Map<string, number>;
  ask<T>(type: string, to: { actor?: string; id?: string; market?: string; traceparent?: string }, body?: unknown): Promise<T>;
  tell(topic: string, events: readonly Told[]): Promise<void>;
  stop(): Promise<void>;
}

export async function startOrders(settings: Record<string, string> = {}): Promise<OrdersWorld> {
  const database = await testDatabase(ordersSchema);
  await prepareDatabase({ ...database, ...eventsSchema });
  await migrate({ ...database, ...eventsSchema });
  const runtime = systemRuntime;
  const logs: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void logs.push(JSON.parse(line) as Record<string, unknown>) };
  const logger = createLogger({ level: 'info', instance: 'orders', pretty: false, destination });
  const config = orders.config.parse({ DATABASE_URL: database.appUrl, ...settings });
  const links = memoryLinks({ config, logger, runtime });
  const { transport } = links;
  const prices = new Map([['GR1', 311], ['SR1', 500]]);
  const market = new FakeMarket(transport);
  const pricing = servePrices(transport, prices);
  const app = await startApp();
  const outbox = new Outbox({ transport, runtime });
  const requester = new Requester({ transport, runtime, outbox, replyQueue: 'test' });
  const rows = createPool({ url: database.appUrl, schema: 'orders', applicationName: 'test', poolMax: 2 });
  const positions = new Map<string, number>();

  return {
    market, rows, logs, prices,
    ask: (type, { actor = 'any', id = uuidv7(runtime), market: of = 'm1', traceparent = '' }, body = {}) =>
      requester.request('orders', {
        id, type, tenant: 'default', market: of, actor, traceparent, deadlineMs: runtime.clock.nowMs() + 20_000,
      }, body),
    async tell(topic, events) {
      for (const event of events) {
        const position = (positions.get(topic) ?? 0) + 1;
        positions.set(topic, position);
        const body = JSON.stringify({ schemaVersion: 1, id: `${topic}-${position}`, tenant: 'default', traceparent: '', ...event });
        const entries = [{ position, body, key: event.key }];
        await links.backbone().publish([{ topic, partition: 0, floor: 0, entries }]);
      }
    },
    async stop() {
      await app.stop();
      await requester.close();
      await Promise.all([market.stop(), pricing.stop()]);
      await links.close();
      await rows.end();
      await database.drop();
    },
  };

  function startApp(): Promise<RunningApp> {
    const health = { check: () => {} } as unknown as Parameters<typeof orders.start>[0]['health'];
    return orders.start({ ...links, config, runtime, logger, metrics: createMetrics('test'), health, view: () => {} });
  }
}

/** An inventory that has said that the order has its stock. */
export function reserved(orderId: string, missing: EventData<'InventoryUpdated'>['missing'] = []): Told<'InventoryUpdated'> {
  return { type: 'InventoryUpdated', key: orderId, data: { orderId, market: 'm1', lines: [], missing } };
}

export function refused(orderId: string): Told<'InventoryRejected'> {
  const data = { orderId, market: 'm1', reason: 'out_of_stock' as const, missing: [] };
  return { type: 'InventoryRejected', key: orderId, data };
}

export function expired(orderId: string): Told<'ReservationExpired'> {
  return { type: 'ReservationExpired', key: 'default/m1', data: { orderId, market: 'm1' } };
}

export const { inventory: INVENTORY, markets: MARKETS } = TOPICS;

/** Answers quotes as basket-server does, at fixed prices. */
function servePrices(transport: Transport, prices: ReadonlyMap<string, number>): Inbox {
  const outbox = new Outbox({ transport, runtime: systemRuntime });
  const inbox = new Inbox({ transport, runtime: systemRuntime, queue: 'basket-manager', onEnvelope });
  inbox.start();
  return inbox;

  function onEnvelope(envelope: Envelope): void {
    if (envelope.type !== BASKET_MESSAGES.quote) return;
    const lines = decodeBody<QuoteItems>(envelope.body).items.map((item) => {
      const { sku, quantity } = typeof item === 'string' ? { sku: item, quantity: 1 } : item;
      const unit = prices.get(sku);
      return unit === undefined ? undefined : { sku, name: sku, quantity, unitPrice: gbp(unit), net: gbp(unit * quantity) };
    });
    if (lines.includes(undefined)) {
      reply(outbox, envelope, { failure: new ProductUnknown('the market does not sell it') });
      return;
    }
    const total = gbp(lines.reduce((sum, line) => sum + (line?.net.amount ?? 0), 0));
    reply(outbox, envelope, { value: { json: JSON.stringify({ market: envelope.market, lines, total }), version: 0 } });
  }
}

export function gbp(amount: number) {
  return { amount, currency: 'GBP' };
}
