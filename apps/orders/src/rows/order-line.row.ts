import type { Adjustment } from '@aisle/contracts';
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
  /** What the product was called, and in which category it was; the name is null in lines older than this column. */
  @Column({ type: 'text', nullable: true }) name!: string | null;
  @Column({ type: 'text', nullable: true }) category!: string | null;
  /** Units ordered. */
  @Column({ type: 'int' }) quantity!: number;
  /** Of the quantity; the amounts are those of the rest. */
  @Column({ type: 'int' }) missing!: number;
  /** Minor units; PostgreSQL's bigint arrives as text. */
  @Column({ name: 'unit_price_minor', type: 'bigint' }) unitPriceMinor!: string;
  /** Unit price times units; null, as the adjustments and the share are, in lines older than this column. */
  @Column({ name: 'gross_minor', type: 'bigint', nullable: true }) grossMinor!: string | null;
  /** By the rules for this product. */
  @Column({ type: 'json', nullable: true }) adjustments!: Adjustment[] | null;
  /** Gross plus adjustments; in older lines of the whole quantity. */
  @Column({ name: 'net_minor', type: 'bigint' }) netMinor!: string;
  /** The part of the order's own adjustments that falls on this line. */
  @Column({ name: 'share_minor', type: 'bigint', nullable: true }) shareMinor!: string | null;
  /** A rule failed on this line. */
  @Column({ type: 'boolean' }) degraded!: boolean;

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
