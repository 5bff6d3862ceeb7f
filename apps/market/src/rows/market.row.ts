import type { MarketTerms } from '@aisle/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A market, and the last command and event in its rows. */
@Entity({ name: 'market' })
export class MarketRow {
  @PrimaryColumn({ type: 'text' }) tenant!: string;
  @PrimaryColumn({ type: 'text' }) id!: string;
  @Column({ type: 'int' }) shard!: number;
  /** The key of its actor. */
  @Column({ type: 'text', unique: true }) actor!: string;
  /** The last command of its actor that is in the rows; PostgreSQL's bigint arrives as text. */
  @Column({ type: 'bigint' }) seq!: string;
  /** The revision of the last event. */
  @Column({ type: 'bigint' }) revision!: string;
  /** ISO 4217. */
  @Column({ type: 'text' }) currency!: string;
  @Column({ type: 'text' }) rounding!: string;
  @Column({ name: 'low_stock', type: 'int' }) lowStock!: number;
  @Column({ name: 'near_expiry_days', type: 'int' }) nearExpiryDays!: number;
  /** The terms of retail; null if it has none. */
  @Column({ type: 'jsonb', nullable: true }) terms!: MarketTerms | null;
  @Column({ type: 'int' }) version!: number;
}
