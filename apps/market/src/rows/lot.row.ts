import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Units of a product that came, or expire, together. */
@Entity({ name: 'lot' })
export class LotRow {
  @PrimaryColumn({ type: 'text' }) tenant!: string;
  @PrimaryColumn({ type: 'text' }) market!: string;
  @PrimaryColumn({ type: 'text' }) sku!: string;
  @PrimaryColumn({ type: 'text' }) lot!: string;
  /** The last day on which they may leave. */
  @Column({ name: 'expires_on', type: 'date', nullable: true }) expiresOn!: string | null;
  @Column({ type: 'int' }) quantity!: number;
  /** It was said that they are near their day. */
  @Column({ type: 'boolean' }) warned!: boolean;
  /** Its day is past, and the promises that it covered were looked at since. */
  @Column({ type: 'boolean' }) lapsed!: boolean;
}
