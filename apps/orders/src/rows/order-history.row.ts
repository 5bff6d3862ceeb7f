import type { OrderReason, OrderStatus } from '@aisle/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** When an order came to stand so: once at most, which the key holds. */
@Entity({ name: 'order_history' })
export class OrderHistoryRow {
  @PrimaryColumn({ type: 'text' }) tenant!: string;
  @PrimaryColumn({ name: 'order_id', type: 'text' }) orderId!: string;
  @PrimaryColumn({ type: 'text' }) status!: OrderStatus;
  @Column({ type: 'text', nullable: true }) reason!: OrderReason | null;
  @Column({ type: 'timestamptz', precision: 3 }) at!: Date;
}
