import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What a market has of a product, as its movements tell. */
@Entity({ name: 'inventory' })
export class InventoryRow {
  @PrimaryColumn({ type: 'text' }) tenant!: string;
  @PrimaryColumn({ type: 'text' }) market!: string;
  @PrimaryColumn({ type: 'text' }) sku!: string;
  @Column({ name: 'on_hand', type: 'int' }) onHand!: number;
  /** Of these, what orders had been promised at the last movement. */
  @Column({ type: 'int' }) reserved!: number;
  /** Of the last movement in the stream of its market: an older one that comes late changes nothing. */
  @Column({ type: 'bigint' }) position!: string;
  @Column({ name: 'updated_at', type: 'timestamptz', precision: 3 }) updatedAt!: Date;
}
