import 'reflect-metadata';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { PricedLine } from './prices.ts';

@Entity('basket')
export class BasketRow {
  @PrimaryColumn('text')
  market!: string;

  @PrimaryColumn('text')
  id!: string;

  @Column('jsonb')
  lines!: PricedLine[];

  @Column('integer')
  totalMinor!: number;

  @Column('integer')
  version!: number;

  @Column('timestamptz')
  updatedAt!: Date;
}
