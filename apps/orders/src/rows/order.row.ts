import type { Adjustment, OrderPricing, OrderReason, OrderStatus, StockLine } from '@aisle/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { OrderStep } from '../order/order.ts';
import type { OrderPrice } from '../pricing/order-price.ts';

@Entity({ name: 'orders' })
export class OrderRow {
  @PrimaryColumn({ type: 'text' }) tenant!: string;
  @PrimaryColumn({ type: 'text' }) id!: string;
  @Column({ type: 'text' }) market!: string;
  /** The basket that was checked out; null for an order without one. */
  @Column({ type: 'text', nullable: true }) basket!: string | null;
  /** The version of the basket at which its opening began; null in orders older than this column, and without a basket. */
  @Column({ type: 'int', nullable: true }) opening!: number | null;
  @Column({ type: 'text' }) status!: OrderStatus;
  /** The reason of a rejection. */
  @Column({ type: 'text', nullable: true }) reason!: OrderReason | null;
  /** The unanswered request to another app. */
  @Column({ type: 'text', nullable: true }) step!: OrderStep | null;
  /** The time at which the order is timed out, or its step is requested again. */
  @Column({ name: 'due_at', type: 'timestamptz', precision: 3, nullable: true }) dueAt!: Date | null;
  /** ISO 4217. */
  @Column({ type: 'char', length: 3 }) currency!: string;
  /** The price of the delivered units; PostgreSQL's bigint arrives as text. */
  @Column({ name: 'total_minor', type: 'bigint' }) totalMinor!: string;
  /** The adjustments by rules for the whole order; null in orders older than this column. */
  @Column({ type: 'json', nullable: true }) adjustments!: Adjustment[] | null;
  /** A rule failed during pricing. */
  @Column({ type: 'boolean' }) degraded!: boolean;
  /** The instant and the rules of its prices; null in orders older than this column. */
  @Column({ type: 'json', nullable: true }) pricing!: OrderPricing | null;
  /** The units without stock; null until they are known. */
  @Column({ type: 'json', nullable: true }) missing!: StockLine[] | null;
  /** The price when it was placed, if it was priced again without the missing units. */
  @Column({ type: 'json', nullable: true }) ordered!: OrderPrice | null;
  /** SKUs of promised products whose good units no longer cover the order. */
  @Column({ name: 'at_risk', type: 'text', array: true }) atRisk!: string[];
  @Column({ name: 'allow_partial', type: 'boolean' }) allowPartial!: boolean;
  /** The hash of the request: the same id with another hash is a mismatch. */
  @Column({ name: 'payload_hash', type: 'text' }) payloadHash!: string;
  /** The W3C Trace Context of the request that placed it; all logs of the order carry it. */
  @Column({ type: 'text' }) traceparent!: string;
  @Column({ name: 'created_at', type: 'timestamptz', precision: 3 }) createdAt!: Date;
}
