import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { OrderEntry } from '../market/market-event.ts';

/** What an order has of a market's stock. */
@Entity({ name: 'reservation' })
export class ReservationRow {
  @PrimaryColumn({ type: 'text' }) tenant!: string;
  @PrimaryColumn({ type: 'text' }) market!: string;
  @PrimaryColumn({ name: 'order_id', type: 'text' }) orderId!: string;
  @Column({ type: 'text' }) standing!: OrderEntry['standing'];
  @Column({ type: 'text', nullable: true }) reason!: OrderEntry['reason'];
  /** Pairs of SKU and units. */
  @Column({ type: 'jsonb' }) lines!: OrderEntry['lines'];
  /** What it asked for and did not get. */
  @Column({ type: 'jsonb' }) missing!: OrderEntry['missing'];
  /** Products of which good units do not cover it. */
  @Column({ name: 'at_risk', type: 'jsonb' }) atRisk!: string[];
  /** Uncommitted by then, the stock goes back. */
  @Column({ name: 'expires_at', type: 'timestamptz' }) expiresAt!: Date;
  /** The market's event that wrote it last. */
  @Column({ type: 'bigint' }) revision!: string;
  /** The event by which it holds no stock any more. */
  @Column({ name: 'closed_revision', type: 'bigint', nullable: true }) closedRevision!: string | null;
}
