import type { StockRefusal } from '@aisle/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** That an order got its stock, or why not. */
@Entity({ name: 'ledger_entry' })
export class LedgerEntryRow {
  @PrimaryColumn({ type: 'text' }) tenant!: string;
  @PrimaryColumn({ name: 'order_id', type: 'text' }) orderId!: string;
  @Column({ type: 'text' }) market!: string;
  /** Null when it got it. */
  @Column({ type: 'text', nullable: true }) reason!: StockRefusal | null;
  /** Of the event that asked for it. */
  @Column({ name: 'event_id', type: 'text' }) eventId!: string;
  @Column({ type: 'timestamptz', precision: 3 }) at!: Date;
}
