import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { OrderRow } from './order.row.ts';
import { ProductRow } from './product.row.ts';

@Entity({ name: 'order_line' })
export class OrderLineRow {
  @PrimaryColumn({ type: 'text' }) tenant!: string;
  @PrimaryColumn({ name: 'order_id', type: 'text' }) orderId!: string;
  /** The place in the order, from 1. */
  @PrimaryColumn({ type: 'int' }) line!: number;
  @Column({ type: 'text' }) market!: string;
  @Column({ type: 'text' }) sku!: string;
  @Column({ type: 'int' }) quantity!: number;
  /** Of the quantity; a partial order goes without them. */
  @Column({ type: 'int' }) missing!: number;
  /** Minor units; PostgreSQL's bigint arrives as text. */
  @Column({ name: 'unit_price_minor', type: 'bigint' }) unitPriceMinor!: string;
  /** What the whole quantity comes to. */
  @Column({ name: 'net_minor', type: 'bigint' }) netMinor!: string;

  @ManyToOne(() => OrderRow)
  @JoinColumn([{ name: 'tenant', referencedColumnName: 'tenant' }, { name: 'order_id', referencedColumnName: 'id' }])
  order!: Relation<OrderRow>;

  @ManyToOne(() => ProductRow)
  @JoinColumn([
    { name: 'tenant', referencedColumnName: 'tenant' },
    { name: 'market', referencedColumnName: 'market' },
    { name: 'sku', referencedColumnName: 'sku' },
  ])
  product!: Relation<ProductRow>;
}
