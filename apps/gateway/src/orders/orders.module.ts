import { Module } from '@nestjs/common';
import { OrdersController } from './orders.controller.ts';

/** The routes of orders. */
@Module({ controllers: [OrdersController] })
export class OrdersModule {}
