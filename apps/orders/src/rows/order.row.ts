import type { OrderReason, OrderStatus } from '@aisle/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { OrderStep } from '../order/order.ts';

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
  /** What the market has been asked and has not answered yet. */
  @Column({ type: 'text', nullable: true }) step!: OrderStep | null;
  /** When something is to be done about it unless it has happened by then: time it out, or ask the market again. */
  @Column({ name: 'due_at', type: 'timestamptz', precision: 3, nullable: true }) dueAt!: Date | null;
  /** ISO 4217. */
  @Column({ type: 'char', length: 3 }) currency!: string;
  /** What the order costs, without what is missing of it; PostgreSQL's bigint arrives as text. */
  @Column({ name: 'total_minor', type: 'bigint' }) totalMinor!: string;
  @Column({ name: 'allow_partial', type: 'boolean' }) allowPartial!: boolean;
  /** Of what the order was asked with: the same id with another is another order. */
  @Column({ name: 'payload_hash', type: 'text' }) payloadHash!: string;
  /** W3C Trace Context of the request that placed it: its whole way can be found by that. */
  @Column({ type: 'text' }) traceparent!: string;
  @Column({ name: 'created_at', type: 'timestamptz', precision: 3 }) createdAt!: Date;
}
