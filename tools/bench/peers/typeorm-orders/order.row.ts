import 'reflect-metadata';
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('order')
export class OrderRow {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text')
  market!: string;

  @Column('text')
  status!: 'CONFIRMED' | 'REJECTED';

  @Column('jsonb')
  lines!: readonly { sku: string; quantity: number }[];

  @Column('timestamptz')
  createdAt!: Date;
}
