import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { MovementKind } from '../stock/adjustment.ts';

/** A movement of units: one row per lot, identified by event and line. */
@Entity({ name: 'movement' })
export class MovementRow {
  @PrimaryColumn({ type: 'text' }) tenant!: string;
  @PrimaryColumn({ type: 'text' }) market!: string;
  /** The revision of the market's event. */
  @PrimaryColumn({ type: 'bigint' }) revision!: string;
  @PrimaryColumn({ type: 'int' }) line!: number;
  @Column({ type: 'text' }) sku!: string;
  @Column({ type: 'text' }) kind!: MovementKind;
  @Column({ type: 'int' }) delta!: number;
  /** The product's units on hand after the movement. */
  @Column({ name: 'on_hand', type: 'int' }) onHand!: number;
  @Column({ type: 'int' }) reserved!: number;
  @Column({ type: 'text' }) lot!: string;
  @Column({ type: 'text', nullable: true }) reason!: string | null;
  @Column({ name: 'order_id', type: 'text', nullable: true }) orderId!: string | null;
  @Column({ type: 'timestamptz' }) at!: Date;
  /** The principal whose command moved the units; empty for the system's own movements. */
  @Column({ type: 'text' }) by!: string;
}
