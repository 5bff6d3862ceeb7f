import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { InventoryRow } from './inventory.row.ts';

/** Units that came or went. */
@Entity({ name: 'stock_movement' })
export class StockMovementRow {
  @PrimaryColumn({ type: 'text' }) tenant!: string;
  @PrimaryColumn({ type: 'text' }) market!: string;
  /** The market's own id of it. */
  @PrimaryColumn({ type: 'text' }) id!: string;
  @Column({ type: 'text' }) sku!: string;
  @Column({ type: 'text' }) kind!: string;
  @Column({ type: 'int' }) delta!: number;
  /** Those of the product afterwards. */
  @Column({ name: 'on_hand', type: 'int' }) onHand!: number;
  @Column({ type: 'int' }) reserved!: number;
  @Column({ type: 'text', nullable: true }) reason!: string | null;
  @Column({ name: 'order_id', type: 'text', nullable: true }) orderId!: string | null;
  @Column({ type: 'timestamptz', precision: 3 }) at!: Date;

  @ManyToOne(() => InventoryRow)
  @JoinColumn([
    { name: 'tenant', referencedColumnName: 'tenant' },
    { name: 'market', referencedColumnName: 'market' },
    { name: 'sku', referencedColumnName: 'sku' },
  ])
  product!: Relation<InventoryRow>;
}
