import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ name: 'market' })
export class MarketRow {
  @PrimaryColumn({ type: 'text' }) tenant!: string;
  @PrimaryColumn({ type: 'text' }) id!: string;
  /** ISO 4217. */
  @Column({ type: 'char', length: 3 }) currency!: string;
  /** How the market rounds amounts; null until it has said. */
  @Column({ type: 'text', nullable: true }) rounding!: string | null;
  /** The catalogue's revision at which this row was written. */
  @Column({ type: 'bigint', default: 1 }) revision!: string;
  /** The market's own revision in the event that said so; 0 for a seed, over which every event counts. */
  @Column({ name: 'source_revision', type: 'bigint', default: 0 }) sourceRevision!: string;
}
