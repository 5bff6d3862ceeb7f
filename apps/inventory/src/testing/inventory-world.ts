import { FrameReceiver, FrameSender, decodeBody, reply, type Envelope } from '@aisle/broker';
import { TOPICS, type EventData, type EventType, type ReserveReply, type ReserveStock } from '@aisle/contracts';
import { createPool } from '@aisle/persistence';
import { testDatabase } from '@aisle/persistence/testing';
import { memoryContext } from '@aisle/platform/testing';
import { failures, systemRuntime } from '@aisle/std';
import type { Pool } from 'pg';
import { inventory } from '../inventory.app.ts';
import { inventorySchemas } from '../schema.ts';

const MarketFailure = failures('market', { moved: ['unavailable', 'its shard is on the move'] });

/** An event to publish on a topic. */
export interface TestEvent<T extends EventType = EventType> {
  readonly id: string;
  readonly type: T;
  readonly key: string;
  readonly data: EventData<T>;
}

/** The inventory app on its own database, with a market in memory that repeats its decisions. */
export interface InventoryWorld {
  readonly rows: Pool;
  /** The stock of the market in units, by SKU. */
  readonly stock: Map<string, number>;
  /** The number of requests that the market received, by order. */
  readonly requests: Map<string, number>;
  /** Faults of the next requests: a failure or no answer. Without a fault, the market answers. */
  readonly faults: ('unavailable' | 'silence')[];
  /** Log lines of level error. */
  readonly errors: Record<string, unknown>[];
  publish(topic: string, events: readonly TestEvent[]): Promise<void>;
  stop(): Promise<void>;
}

export async function startInventory(): Promise<InventoryWorld> {
  const database = await testDatabase(...inventorySchemas);
  const runtime = systemRuntime;
  const context = memoryContext(inventory.config, { DATABASE_URL: database.appUrl });
  const { transport, errors } = context;
  const [stock, requests] = [new Map<string, number>(), new Map<string, number>()];
  const faults: InventoryWorld['faults'] = [];
  const decided = new Map<string, ReserveReply>();
  const outbox = new FrameSender({ transport, runtime });
  const market = new FrameReceiver({ transport, runtime, queue: 'market-manager', onEnvelope: answer });
  market.start();
  const app = await inventory.start(context);
  const rows = createPool({ url: database.appUrl, schema: 'inventory', applicationName: 'test', poolMax: 2 });
  const positions = new Map<string, number>();

  return {
    rows, stock, requests, faults, errors,
    async publish(topic, events) {
      for (const event of events) {
        const position = (positions.get(topic) ?? 0) + 1;
        positions.set(topic, position);
        const body = JSON.stringify({ schemaVersion: 1, tenant: 'default', traceparent: '', at: '2026-11-26T09:00:00Z', ...event });
        const entries = [{ position, body, key: event.key }];
        await (await context.backbone()).publish([{ topic, partition: 0, floor: 0, entries }]);
      }
    },
    async stop() {
      await app.stop();
      await market.stop();
      await context.close();
      await rows.end();
      await database.drop();
    },
  };

  function answer(envelope: Envelope): void {
    const order = decodeBody<ReserveStock>(envelope.body);
    requests.set(order.orderId, (requests.get(order.orderId) ?? 0) + 1);
    const fault = faults.shift();
    if (fault === 'unavailable') return reply(outbox, envelope, { failure: MarketFailure.moved() });
    const decision = decided.get(order.orderId) ?? decide(order);
    decided.set(order.orderId, decision);
    if (fault === undefined) reply(outbox, envelope, { value: decision });
  }

  function decide({ lines, allowPartial }: ReserveStock): ReserveReply {
    const given = lines.map(({ sku, quantity }) => ({ sku, quantity: Math.min(quantity, stock.get(sku) ?? 0) }));
    const missing = lines.map(({ sku, quantity }, index) => ({ sku, quantity: quantity - (given[index]?.quantity ?? 0) }));
    const short = missing.filter(({ quantity }) => quantity > 0);
    if (short.length > 0 && !allowPartial) return { outcome: 'rejected', reason: 'out_of_stock', missing: short };
    for (const { sku, quantity } of given) stock.set(sku, (stock.get(sku) ?? 0) - quantity);
    return { outcome: 'reserved', lines: given.filter(({ quantity }) => quantity > 0), missing: short };
  }
}

export const { orders: ORDERS, markets: MARKETS } = TOPICS;

/** An order of one product. */
export function orderCreated(
  orderId: string, { sku = 'tea', quantity = 1, allowPartial = false } = {},
): TestEvent<'OrderCreated'> {
  const amountOf = (amount: number) => ({ amount, currency: 'GBP' });
  const price = amountOf(100 * quantity);
  const line = {
    sku, name: sku, quantity, unitPrice: amountOf(100), gross: price, adjustments: [], net: price, share: amountOf(0), total: price,
  };
  return {
    id: `created-${orderId}`, type: 'OrderCreated', key: orderId,
    data: {
      orderId, market: 'm1', basket: 'anna', lines: [line], adjustments: [], total: price, allowPartial,
      expiresAt: '2036-01-01T00:00:00Z',
    },
  };
}

/** A stock movement of a market. */
export function stockMoved(movementId: string, delta: number, onHand: number, market = 'm1'): TestEvent<'StockMoved'> {
  return {
    id: `moved-${market}-${movementId}`, type: 'StockMoved', key: `default/${market}`,
    data: {
      market, sku: 'tea', movementId, kind: 'adjusted', delta, onHand, reserved: 0, reason: null, orderId: null,
      at: '2026-11-26T09:00:00Z',
    },
  };
}
