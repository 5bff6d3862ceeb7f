import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { OrderEntry } from '../market/market-event.ts';

/** The stock of an order in a market. */
@Entity({ name: 'reservation' })
export class ReservationRow {
  @PrimaryColumn({ type: 'text' }) tenant!: string;
  @PrimaryColumn({ type: 'text' }) market!: string;
  @PrimaryColumn({ name: 'order_id', type: 'text' }) orderId!: string;
  @Column({ type: 'text' }) standing!: OrderEntry['standing'];
  @Column({ type: 'text', nullable: true }) reason!: OrderEntry['reason'];
  /** Pairs of SKU and units. */
  @Column({ type: 'jsonb' }) lines!: OrderEntry['lines'];
  /** The requested units that the order did not get. */
  @Column({ type: 'jsonb' }) missing!: OrderEntry['missing'];
  /** The products whose good units do not cover the order. */
  @Column({ name: 'at_risk', type: 'jsonb' }) atRisk!: string[];
  /** The time at which uncommitted stock is released. */
  @Column({ name: 'expires_at', type: 'timestamptz' }) expiresAt!: Date;
  /** The market's event that wrote it last. */
  @Column({ type: 'bigint' }) revision!: string;
  /** The event that ended its hold on stock. */
  @Column({ name: 'closed_revision', type: 'bigint', nullable: true }) closedRevision!: string | null;
}
