import { z } from 'zod';
import { Adjustment } from './basket.ts';
import { CalendarDate, Instant } from './calendar.ts';
import { Money } from './money.ts';
import { Rounding } from './market.ts';
import { OrderLine } from './order.ts';
import { Text } from './text.ts';

/** The streams between apps, and who writes them. */
export const TOPICS = {
  /** By orders; the key is the order's id. */
  orders: 'orders',
  /** By inventory; the key is the order's id. */
  inventory: 'inventory',
  /** By market; the key is `tenant/market`. */
  markets: 'markets',
} as const;

const StockedLine = z.strictObject({ sku: Text, quantity: z.int() });

/** The data of every event, by its type; JSON, versioned by `schemaVersion` of its envelope. */
export const EVENTS = {
  /** orders: an order was taken, and wants its stock until `expiresAt`. */
  OrderCreated: z.strictObject({
    orderId: Text, market: Text, basket: Text.optional(), lines: z.array(OrderLine),
    adjustments: z.array(Adjustment), total: Money, degraded: z.boolean().optional(),
    allowPartial: z.boolean(), expiresAt: Instant,
  }),
  /** orders: the order stands anew; its lines and total are final from here on. */
  OrderConfirmed: z.strictObject({
    orderId: Text, market: Text, basket: Text.optional(), lines: z.array(OrderLine),
    adjustments: z.array(Adjustment), total: Money, degraded: z.boolean().optional(),
  }),
  OrderRejected: z.strictObject({
    orderId: Text, market: Text, reason: Text, missing: z.array(StockedLine),
  }),
  OrderCancelled: z.strictObject({ orderId: Text, market: Text }),
  OrderFulfilled: z.strictObject({ orderId: Text, market: Text }),
  /** inventory: the order has its stock; `missing` is what a partial order goes without. */
  InventoryUpdated: z.strictObject({
    orderId: Text, market: Text, lines: z.array(StockedLine), missing: z.array(StockedLine),
  }),
  /** inventory: the order gets no stock. */
  InventoryRejected: z.strictObject({
    orderId: Text, market: Text, reason: z.enum(['out_of_stock', 'expired', 'released']),
    missing: z.array(StockedLine),
  }),
  /** markets: a market came to be, or was changed. */
  MarketChanged: z.strictObject({ market: Text, currency: Text, rounding: Rounding, revision: z.int() }),
  /** markets: what a product is, or costs, was changed; `deleted` when it is no longer sold. */
  ProductChanged: z.strictObject({
    market: Text, sku: Text, name: Text, category: Text.nullable(), price: Money,
    deleted: z.boolean(), revision: z.int().meta({ description: 'rises with each change of anything in the market' }),
  }),
  /** markets: stock moved; one event a movement. */
  StockMoved: z.strictObject({
    market: Text, sku: Text, movementId: Text, kind: Text, delta: z.int(),
    onHand: z.int(), reserved: z.int(), reason: Text.nullable(), orderId: Text.nullable(), at: Instant,
  }),
  /** markets: an order's uncommitted stock went back because its time was over. */
  ReservationExpired: z.strictObject({ orderId: Text, market: Text }),
  /**
   * markets: units that these orders were promised have expired, and good ones do not cover them any more; or do again, when
   * `atRisk` is false. Said of each order and product once a change.
   */
  PromisesAtRisk: z.strictObject({
    market: Text, sku: Text, orderIds: z.array(Text), atRisk: z.boolean(), at: Instant,
  }),
  /** markets: available stock fell to the market's threshold, or below. */
  StockLow: z.strictObject({ market: Text, sku: Text, available: z.int(), threshold: z.int() }),
  /** markets: a lot has only so many days left. */
  LotNearExpiry: z.strictObject({
    market: Text, sku: Text, lot: Text, quantity: z.int(), expiresOn: CalendarDate,
  }),
} as const;
/** The name of a kind of event. */
export type EventType = keyof typeof EVENTS;
/** The data of an event of a type. */
export type EventData<T extends EventType> = z.infer<(typeof EVENTS)[T]>;

/** An event as it travels between apps. */
export interface IntegrationEvent<T extends EventType = EventType> {
  /** Unique, and the same on every redelivery: what a receiver dedupes by. */
  readonly id: string;
  readonly type: T;
  readonly schemaVersion: 1;
  readonly tenant: string;
  /** The aggregate that it is about: events of one key keep their order. */
  readonly key: string;
  /** ISO 8601. */
  readonly at: string;
  /** W3C Trace Context of what caused it, or empty. */
  readonly traceparent: string;
  readonly data: EventData<T>;
}
