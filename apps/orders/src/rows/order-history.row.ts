import type { OrderReason, OrderStatus } from '@aisle/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The time at which an order reached a status. By the primary key it reaches each status at most once. */
@Entity({ name: 'order_history' })
export class OrderHistoryRow {
  @PrimaryColumn({ type: 'text' }) tenant!: string;
  @PrimaryColumn({ name: 'order_id', type: 'text' }) orderId!: string;
  @PrimaryColumn({ type: 'text' }) status!: OrderStatus;
  @Column({ type: 'text', nullable: true }) reason!: OrderReason | null;
  @Column({ type: 'timestamptz', precision: 3 }) at!: Date;
  /** The principal who asked for the status; empty if the system reached it. */
  @Column({ type: 'text' }) by!: string;
}
