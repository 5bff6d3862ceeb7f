import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

/** What a market sells, and how much of it there is. */
@Entity({ name: 'product' })
@Check('product_stock', '0 <= reserved AND reserved <= on_hand')
export class ProductRow {
  @PrimaryColumn({ type: 'text' }) tenant!: string;
  @PrimaryColumn({ type: 'text' }) market!: string;
  @PrimaryColumn({ type: 'text' }) sku!: string;
  @Column({ type: 'text' }) name!: string;
  @Column({ type: 'text', nullable: true }) description!: string | null;
  @Column({ type: 'text', nullable: true }) category!: string | null;
  /** Minor units of the market's currency. */
  @Column({ name: 'price_minor', type: 'bigint' }) priceMinor!: string;
  @Column({ type: 'boolean' }) deleted!: boolean;
  @Column({ type: 'int' }) version!: number;
  /** The market's event that wrote it last. */
  @Column({ type: 'bigint' }) revision!: string;
  @Column({ name: 'on_hand', type: 'int' }) onHand!: number;
  @Column({ type: 'int' }) reserved!: number;
}
