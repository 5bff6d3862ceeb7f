import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ name: 'product' })
export class ProductRow {
  @PrimaryColumn({ type: 'text' }) tenant!: string;
  @PrimaryColumn({ type: 'text' }) market!: string;
  @PrimaryColumn({ type: 'text' }) sku!: string;
  @Column({ type: 'text' }) name!: string;
  @Column({ type: 'text', nullable: true }) category!: string | null;
  /** Minor units of the market's currency; PostgreSQL's bigint arrives as text. */
  @Column({ name: 'price_minor', type: 'bigint' }) priceMinor!: string;
  @Column({ type: 'bigint' }) revision!: string;
}
