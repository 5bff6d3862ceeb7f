import { Module } from '@nestjs/common';
import { OrdersController } from './orders.controller.ts';

/** Orders, from being placed to leaving the shop. */
@Module({ controllers: [OrdersController] })
export class OrdersModule {}
