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
  @Column({ type: 'text' }) status!: OrderStatus;
  /** Why it was REJECTED. */
  @Column({ type: 'text', nullable: true }) reason!: OrderReason | null;
  /** What another app has been asked and has not answered yet. */
  @Column({ type: 'text', nullable: true }) step!: OrderStep | null;
  /** When something is to be done about it unless it has happened by then: time it out, or ask again. */
  @Column({ name: 'due_at', type: 'timestamptz', precision: 3, nullable: true }) dueAt!: Date | null;
  /** ISO 4217. */
  @Column({ type: 'char', length: 3 }) currency!: string;
  /** What the units cost that are delivered; PostgreSQL's bigint arrives as text. */
  @Column({ name: 'total_minor', type: 'bigint' }) totalMinor!: string;
  /** By the rules for the order as a whole; null in orders older than this column. */
  @Column({ type: 'json', nullable: true }) adjustments!: Adjustment[] | null;
  /** A rule failed when it was priced. */
  @Column({ type: 'boolean' }) degraded!: boolean;
  /** The instant and the rules by which it was priced; null in orders older than this column. */
  @Column({ type: 'json', nullable: true }) pricing!: OrderPricing | null;
  /** Units that there was no stock for, once that is known. */
  @Column({ type: 'json', nullable: true }) missing!: StockLine[] | null;
  /** What it came to when it was placed, if it was priced anew without what is missing. */
  @Column({ type: 'json', nullable: true }) ordered!: OrderPrice | null;
  /** Products that it was promised, and of which good units do not cover it any more. */
  @Column({ name: 'at_risk', type: 'text', array: true }) atRisk!: string[];
  @Column({ name: 'allow_partial', type: 'boolean' }) allowPartial!: boolean;
  /** Of what the order was asked with: the same id with another is another order. */
  @Column({ name: 'payload_hash', type: 'text' }) payloadHash!: string;
  /** W3C Trace Context of the request that placed it: its whole way can be found by that. */
  @Column({ type: 'text' }) traceparent!: string;
  @Column({ name: 'created_at', type: 'timestamptz', precision: 3 }) createdAt!: Date;
}
