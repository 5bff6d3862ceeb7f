import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { LedgerEntryRow } from './ledger-entry.row.ts';

/** What an order got of a product, and what it goes without. */
@Entity({ name: 'ledger_line' })
export class LedgerLineRow {
  @PrimaryColumn({ type: 'text' }) tenant!: string;
  @PrimaryColumn({ name: 'order_id', type: 'text' }) orderId!: string;
  @PrimaryColumn({ type: 'text' }) sku!: string;
  @Column({ type: 'int' }) reserved!: number;
  @Column({ type: 'int' }) missing!: number;

  @ManyToOne(() => LedgerEntryRow)
  @JoinColumn([
    { name: 'tenant', referencedColumnName: 'tenant' }, { name: 'order_id', referencedColumnName: 'orderId' },
  ])
  entry!: Relation<LedgerEntryRow>;
}
