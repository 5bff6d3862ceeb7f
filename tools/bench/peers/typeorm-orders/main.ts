import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { serve } from '../serve.ts';
import { OrderRow } from './order.row.ts';
import { OrdersController } from './orders.controller.ts';
import { OrdersRepository } from './orders.repository.ts';
import { StockRow } from './stock.row.ts';

@Module({
  imports: [
    TypeOrmModule.forRoot({
      type: 'postgres',
      url: process.env['DATABASE_URL'] ?? '',
      entities: [OrderRow, StockRow],
      synchronize: true,
      installExtensions: false,
      poolSize: Number(process.env['POOL_SIZE'] ?? 16),
    }),
  ],
  controllers: [OrdersController],
  providers: [OrdersRepository],
})
class TypeormOrders {}

await serve(TypeormOrders);
