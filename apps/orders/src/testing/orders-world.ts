import { FrameSender, Requester, ask } from '@aisle/broker';
import { TOPICS, type EventData, type EventType, type Message, type ReplyOf, type SentBody, type StockLine } from '@aisle/contracts';
import { createPool } from '@aisle/persistence';
import { testDatabase } from '@aisle/persistence/testing';
import { memoryContext } from '@aisle/platform/testing';
import { systemRuntime, uuidv7 } from '@aisle/std';
import type { Pool } from 'pg';
import { orders } from '../orders.app.ts';
import { ordersSchemas } from '../schema.ts';
import { FakeBaskets } from './fake-baskets.ts';
import { FakeMarket } from './fake-market.ts';

/** An event that a test publishes. The test world assigns its position. */
export interface TestEvent<T extends EventType = EventType> {
  readonly type: T;
  readonly key: string;
  readonly data: EventData<T>;
}

/** The orders app on its own database. The other apps are fakes with the behaviour of the real ones. */
export interface OrdersWorld {
  readonly market: FakeMarket;
  readonly rows: Pool;
  /** Log lines of level info and above. */
  readonly logs: Record<string, unknown>[];
  readonly baskets: FakeBaskets;
  ask<M extends Message>(
    message: M, to: { actor?: string; id?: string; market?: string; traceparent?: string }, body?: SentBody<M>,
  ): Promise<ReplyOf<M>>;
  publish(topic: string, events: readonly TestEvent[]): Promise<void>;
  stop(): Promise<void>;
}

export async function startOrders(settings: Record<string, string> = {}): Promise<OrdersWorld> {
  const database = await testDatabase(...ordersSchemas);
  const runtime = systemRuntime;
  const context = memoryContext(orders.config, { DATABASE_URL: database.appUrl, ...settings });
  const { transport, logs } = context;
  const market = new FakeMarket(transport);
  const baskets = new FakeBaskets(transport);
  const app = await orders.start(context);
  const sender = new FrameSender({ transport, runtime });
  const requester = new Requester({ transport, runtime, sender, replyQueue: 'test' });
  const rows = createPool({ url: database.appUrl, schema: 'orders', applicationName: 'test', poolMax: 2 });
  const positions = new Map<string, number>();

  return {
    market, baskets, rows, logs,
    ask: (message, { actor = 'any', id = uuidv7(runtime), market: of = 'm1', traceparent = '' }, body) =>
      ask(requester, message, {
        id, tenant: 'default', market: of, actor, traceparent, deadlineMs: runtime.clock.nowMs() + 20_000,
      }, body as SentBody<typeof message>),
    async publish(topic, events) {
      for (const event of events) {
        const position = (positions.get(topic) ?? 0) + 1;
        positions.set(topic, position);
        const body = JSON.stringify({ schemaVersion: 1, id: `${topic}-${position}`, tenant: 'default', traceparent: '', ...event });
        const entries = [{ position, body, key: event.key }];
        await (await context.backbone()).publish([{ topic, partition: 0, floor: 0, entries }]);
      }
    },
    async stop() {
      await app.stop();
      await requester.close();
      await Promise.all([market.stop(), baskets.stop()]);
      await context.close();
      await rows.end();
      await database.drop();
    },
  };
}

/** Inventory's event that an order's stock is reserved, except the missing units. */
export function reserved(orderId: string, missing: EventData<'InventoryUpdated'>['missing'] = []): TestEvent<'InventoryUpdated'> {
  return { type: 'InventoryUpdated', key: orderId, data: { orderId, market: 'm1', lines: [], missing } };
}

export function refused(orderId: string, missing: StockLine[] = []): TestEvent<'InventoryRejected'> {
  const data = { orderId, market: 'm1', reason: 'out_of_stock' as const, missing };
  return { type: 'InventoryRejected', key: orderId, data };
}

export function expired(orderId: string): TestEvent<'ReservationExpired'> {
  return { type: 'ReservationExpired', key: 'default/m1', data: { orderId, market: 'm1' } };
}

/** A market's event that good units of a product no longer cover orders, or cover them again. */
export function atRisk(sku: string, orderIds: string[], isAtRisk = true): TestEvent<'PromisesAtRisk'> {
  const data = { market: 'm1', sku, orderIds, atRisk: isAtRisk, at: '2026-11-30T00:00:00.000Z' };
  return { type: 'PromisesAtRisk', key: 'default/m1', data };
}

export const { inventory: INVENTORY, markets: MARKETS } = TOPICS;
