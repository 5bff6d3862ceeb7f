import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ name: 'market' })
export class MarketRow {
  @PrimaryColumn({ type: 'text' }) tenant!: string;
  @PrimaryColumn({ type: 'text' }) id!: string;
  /** ISO 4217. */
  @Column({ type: 'char', length: 3 }) currency!: string;
}
