import 'reflect-metadata';
import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('stock')
@Check('quantity >= 0')
export class StockRow {
  @PrimaryColumn('text')
  sku!: string;

  @Column('integer')
  quantity!: number;
}
