import { z } from 'zod';
import { Adjustment } from './basket.ts';
import { CalendarDate, Instant } from './calendar.ts';
import { Money } from './money.ts';
import { Rounding } from './market.ts';
import { OrderLine } from './order.ts';
import { marketTerms } from './market-terms/market-terms.ts';
import { productFacts } from './product/product-facts.ts';
import { Taxes } from './taxes.ts';
import { Text } from './text.ts';

/** The topics of events between apps. */
export const TOPICS = {
  /** Written by orders; the key is the id of the order. */
  orders: 'orders',
  /** Written by inventory; the key is the id of the order. */
  inventory: 'inventory',
  /** Written by market; the key is `tenant/market`. */
  markets: 'markets',
} as const;

const StockedLine = z.strictObject({ sku: Text, quantity: z.int() });

/** The data of every event by type. It is JSON; `schemaVersion` of the envelope is its version. */
export const EVENTS = {
  /** orders: an order was placed, and its stock has to be reserved until `expiresAt`. */
  OrderCreated: z.strictObject({
    orderId: Text, market: Text, basket: Text.optional(), lines: z.array(OrderLine),
    adjustments: z.array(Adjustment), total: Money, taxes: Taxes.optional(), degraded: z.boolean().optional(),
    allowPartial: z.boolean(), expiresAt: Instant,
  }),
  /** orders: the order was confirmed; its lines and total are final. */
  OrderConfirmed: z.strictObject({
    orderId: Text, market: Text, basket: Text.optional(), lines: z.array(OrderLine),
    adjustments: z.array(Adjustment), total: Money, taxes: Taxes.optional(), degraded: z.boolean().optional(),
  }),
  OrderRejected: z.strictObject({
    orderId: Text, market: Text, reason: Text, missing: z.array(StockedLine),
  }),
  OrderCancelled: z.strictObject({ orderId: Text, market: Text }),
  OrderFulfilled: z.strictObject({ orderId: Text, market: Text }),
  /** inventory: the stock of the order is reserved; `missing` are the units that a partial order does not get. */
  InventoryUpdated: z.strictObject({
    orderId: Text, market: Text, lines: z.array(StockedLine), missing: z.array(StockedLine),
  }),
  /** inventory: the order gets no stock. */
  InventoryRejected: z.strictObject({
    orderId: Text, market: Text, reason: z.enum(['out_of_stock', 'expired', 'released']),
    missing: z.array(StockedLine),
  }),
  /** markets: a market was created or changed. */
  MarketChanged: z.strictObject({ market: Text, currency: Text, rounding: Rounding, revision: z.int(), ...marketTerms }),
  /** markets: the description or price of a product changed; `deleted` if it is no longer sold. */
  ProductChanged: z.strictObject({
    market: Text, sku: Text, name: Text, category: Text.nullable(), price: Money,
    deleted: z.boolean(), revision: z.int().meta({ description: 'grows with each change in the market' }),
    ...productFacts,
  }),
  /** markets: stock moved; there is one event per movement. */
  StockMoved: z.strictObject({
    market: Text, sku: Text, movementId: Text, kind: Text, delta: z.int(),
    onHand: z.int(), reserved: z.int(), reason: Text.nullable(), orderId: Text.nullable(), at: Instant,
  }),
  /** markets: the reservation of an order expired before it was committed, and its stock was released. */
  ReservationExpired: z.strictObject({ orderId: Text, market: Text }),
  /**
   * markets: units that are promised to these orders have expired, and the good units no longer cover them. If `atRisk` is false,
   * they do again. There is one event for each order and product per change.
   */
  PromisesAtRisk: z.strictObject({
    market: Text, sku: Text, orderIds: z.array(Text), atRisk: z.boolean(), at: Instant,
  }),
  /** markets: available stock fell to the threshold of the market or below. */
  StockLow: z.strictObject({ market: Text, sku: Text, available: z.int(), threshold: z.int() }),
  /** markets: a lot came within `nearExpiryDays` of its last day. */
  LotNearExpiry: z.strictObject({
    market: Text, sku: Text, lot: Text, quantity: z.int(), expiresOn: CalendarDate,
  }),
} as const;
/** The type of an event. */
export type EventType = keyof typeof EVENTS;
/** The data of an event of a type. */
export type EventData<T extends EventType> = z.infer<(typeof EVENTS)[T]>;

/** An event as it is sent between apps. */
export interface IntegrationEvent<T extends EventType = EventType> {
  /** A unique id, the same on every redelivery. Consumers deduplicate by it. */
  readonly id: string;
  readonly type: T;
  readonly schemaVersion: 1;
  readonly tenant: string;
  /** The aggregate of the event. Events of one key keep their order. */
  readonly key: string;
  /** ISO 8601. */
  readonly at: string;
  /** The W3C trace context of its cause, or empty. */
  readonly traceparent: string;
  /** The principal whose request caused it, such as `key/…`; absent if the system did, or if an older version published it. */
  readonly by?: string;
  readonly data: EventData<T>;
}
