import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A product that was ordered: this app's own projection of what markets say of it. */
@Entity({ name: 'product' })
export class ProductRow {
  @PrimaryColumn({ type: 'text' }) tenant!: string;
  @PrimaryColumn({ type: 'text' }) market!: string;
  @PrimaryColumn({ type: 'text' }) sku!: string;
  /** Null until the market has said. */
  @Column({ type: 'text', nullable: true }) name!: string | null;
  /** The market's, of what is known here; PostgreSQL's bigint arrives as text. */
  @Column({ type: 'bigint' }) revision!: string;
}
