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

/** An event as a topic carries it. */
export interface Told<T extends EventType = EventType> {
  readonly id: string;
  readonly type: T;
  readonly key: string;
  readonly data: EventData<T>;
}

/** The inventory app on a database of its own, and a market in memory that keeps its word. */
export interface InventoryWorld {
  readonly rows: Pool;
  /** Units that the market has, by SKU. */
  readonly stock: Map<string, number>;
  /** How often the market was asked for an order. */
  readonly asked: Map<string, number>;
  /** What the next requests meet instead of an answer: a refusal to answer now, or nothing at all. */
  readonly trouble: ('unavailable' | 'silence')[];
  /** Log lines of level error. */
  readonly errors: Record<string, unknown>[];
  tell(topic: string, events: readonly Told[]): Promise<void>;
  stop(): Promise<void>;
}

export async function startInventory(): Promise<InventoryWorld> {
  const database = await testDatabase(...inventorySchemas);
  const runtime = systemRuntime;
  const context = memoryContext(inventory.config, { DATABASE_URL: database.appUrl });
  const { transport, errors } = context;
  const [stock, asked] = [new Map<string, number>(), new Map<string, number>()];
  const trouble: InventoryWorld['trouble'] = [];
  const decided = new Map<string, ReserveReply>();
  const outbox = new FrameSender({ transport, runtime });
  const market = new FrameReceiver({ transport, runtime, queue: 'market-manager', onEnvelope: answer });
  market.start();
  const app = await inventory.start(context);
  const rows = createPool({ url: database.appUrl, schema: 'inventory', applicationName: 'test', poolMax: 2 });
  const positions = new Map<string, number>();

  return {
    rows, stock, asked, trouble, errors,
    async tell(topic, events) {
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
    asked.set(order.orderId, (asked.get(order.orderId) ?? 0) + 1);
    const met = trouble.shift();
    if (met === 'unavailable') return reply(outbox, envelope, { failure: MarketFailure.moved() });
    const decision = decided.get(order.orderId) ?? decide(order);
    decided.set(order.orderId, decision);
    if (met === undefined) reply(outbox, envelope, { value: decision });
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
): Told<'OrderCreated'> {
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

/** Units that came to a market, or left. */
export function stockMoved(movementId: string, delta: number, onHand: number, market = 'm1'): Told<'StockMoved'> {
  return {
    id: `moved-${market}-${movementId}`, type: 'StockMoved', key: `default/${market}`,
    data: {
      market, sku: 'tea', movementId, kind: 'adjusted', delta, onHand, reserved: 0, reason: null, orderId: null,
      at: '2026-11-26T09:00:00Z',
    },
  };
}
