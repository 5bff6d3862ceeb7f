import { BadRequestException, Body, Controller, Get, Post } from '@nestjs/common';
import { z } from 'zod';
import type { OrderRow } from './order.row.ts';
import { OrdersRepository } from './orders.repository.ts';

const NewOrder = z.strictObject({
  market: z.string().min(1).max(128),
  lines: z.array(z.strictObject({ sku: z.string().min(1).max(128), quantity: z.int().min(1).max(9_999) })).min(1),
});

@Controller()
export class OrdersController {
  constructor(private readonly orders: OrdersRepository) {}

  @Get('/health/ready')
  ready(): { ready: true } {
    return { ready: true };
  }

  @Post('/v1/orders')
  place(@Body() body: unknown): Promise<OrderRow> {
    const { data, error } = NewOrder.safeParse(body);
    if (!data) throw new BadRequestException(error.issues);
    return this.orders.place(data.market, data.lines);
  }
}
