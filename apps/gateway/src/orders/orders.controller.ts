import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  Identifier, NewOrder, OrderProtocol, OrderStatus, type ClientOf, type Order, type OrderHistory, type OrderKey, type OrderList,
} from '@aisle/contracts';
import { CommandClient } from '../commands/command-client.ts';
import { commandIdOf } from '../commands/command-id.ts';
import { Page } from '../page.ts';
import { AnswersOrder, AnswersOrderHistory, AnswersOrders, ChangesOrder, TakesOrder } from './openapi.ts';

const OrderPath = z.strictObject({ order: Identifier });
type OrderPath = z.infer<typeof OrderPath>;

const OrderPage = Page.extend({
  market: Identifier.optional(),
  status: OrderStatus.optional(),
  atRisk: z.enum(['true', 'false'], 'must be true or false').transform((text) => text === 'true').optional(),
});
type OrderPage = z.infer<typeof OrderPage>;

/** Orders: placed here without a basket, or by checking one out. */
@Controller('v1/orders')
export class OrdersController {
  constructor(@Inject(CommandClient) private readonly commands: CommandClient) {}

  /** Takes an order. It is PENDING; what becomes of it is found where `Location` says. */
  @Post()
  @HttpCode(202)
  @TakesOrder()
  async create(
    @Body({ schema: NewOrder }) order: NewOrder,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Order> {
    const commandId = commandIdOf(request.headers['idempotency-key']);
    void reply.header('idempotency-key', commandId);
    const orders = this.commands.to(OrderProtocol, { market: order.market }, { commandId, traceparent: request.traceparent });
    const created = await orders.create(order);
    if (created.replayed) void reply.header('idempotent-replayed', 'true');
    void reply.header('location', `/v1/orders/${encodeURIComponent(created.order.id)}`);
    return created.order;
  }

  /** Orders, latest first. */
  @Get()
  @AnswersOrders()
  list(@Query({ schema: OrderPage }) page: OrderPage, @Req() request: FastifyRequest): Promise<OrderList> {
    return this.to({}, request).list(page);
  }

  /** How the order stands, and how it came to that. */
  @Get(':order')
  @AnswersOrder()
  read(@Param({ schema: OrderPath }) path: OrderPath, @Req() request: FastifyRequest): Promise<Order> {
    return this.to(path, request).read();
  }

  /** Gives the order's stock back. Idempotent: what is CANCELLED stays so. */
  @Post(':order/cancel')
  @HttpCode(200)
  @ChangesOrder()
  cancel(@Param({ schema: OrderPath }) path: OrderPath, @Req() request: FastifyRequest): Promise<Order> {
    return this.to(path, request).cancel();
  }

  /** The goods leave the shop. Idempotent: what is FULFILLED stays so. */
  @Post(':order/fulfil')
  @HttpCode(200)
  @ChangesOrder()
  fulfil(@Param({ schema: OrderPath }) path: OrderPath, @Req() request: FastifyRequest): Promise<Order> {
    return this.to(path, request).fulfil();
  }

  /** When the order came to stand so, oldest first. */
  @Get(':order/history')
  @AnswersOrderHistory()
  history(@Param({ schema: OrderPath }) path: OrderPath, @Req() request: FastifyRequest): Promise<OrderHistory> {
    return this.to(path, request).history();
  }

  private to(key: OrderKey, { traceparent, headers }: FastifyRequest): ClientOf<typeof OrderProtocol> {
    return this.commands.to(OrderProtocol, key, { commandId: commandIdOf(headers['idempotency-key']), traceparent });
  }
}
