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
  /** The catalogue's revision at which this row was written. */
  @Column({ type: 'bigint', default: 1 }) revision!: string;
  /** The market's own revision in the event that said so; 0 for a seed, over which every event counts. */
  @Column({ name: 'source_revision', type: 'bigint', default: 0 }) sourceRevision!: string;
  /** No longer sold. The row stays, so that a late older event does not bring the product back. */
  @Column({ type: 'boolean', default: false }) deleted!: boolean;
}
