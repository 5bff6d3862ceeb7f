import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Identifier, NewOrder, Order, OrderHistory, OrderList, OrderProtocol, OrderStatus, type ClientOf, type OrderKey } from '@aisle/contracts';
import { CommandClient } from '../commands/command-client.ts';
import { listedMarkets, requireMarket, requireOrder } from '../identity/authority.ts';
import { changed, documentOf, value, type Document } from '../routes/answers.ts';
import { Caller } from '../routes/caller.ts';
import { MarketPath, Page } from '../routes/parameters.ts';
import { Route } from '../routes/route.ts';

const OrderPath = z.strictObject({ order: Identifier.meta({ description: 'the id of the order' }) });
type OrderPath = z.infer<typeof OrderPath>;

const OrderPage = Page.extend({
  market: MarketPath.shape.market.optional(),
  status: OrderStatus.optional().meta({ description: 'only orders of this status' }),
  atRisk: z.enum(['true', 'false'], 'must be true or false').transform((text) => text === 'true').optional()
    .meta({ description: 'only orders that are at risk, or only those that are not' }),
});
type OrderPage = z.infer<typeof OrderPage>;

/** The routes of orders. Checking out a basket places an order, too. */
@ApiTags('Orders')
@Controller('v1/orders')
export class OrdersController {
  constructor(@Inject(CommandClient) private readonly commands: CommandClient) {}

  @Route('POST', {
    scope: 'orders:write',
    summary: 'Places an order without a basket.', description: 'The order is PENDING. `Location` is the URL at which its status can be read.',
    body: NewOrder, example: { market: 'm1', lines: [{ sku: 'GR1', quantity: 2 }] },
    answers: changed(Order, { statuses: [202], errors: [404, 422], key: 'echoed' }),
  })
  async create(@Body() wanted: NewOrder, @Caller() caller: Caller): Promise<Document<Order>> {
    requireMarket(caller.principal, wanted.market);
    const { order, replayed } = await this.to({ market: wanted.market }, caller).create(wanted);
    return documentOf(order, { replayed, location: `/v1/orders/${encodeURIComponent(order.id)}` });
  }

  @Route('GET', { scope: 'orders:read', summary: 'Lists orders, latest first.', query: OrderPage, answers: value(OrderList, { errors: [] }) })
  list(@Query() page: OrderPage, @Caller() caller: Caller): Promise<OrderList> {
    return this.to({}, caller).list({ ...page, ...listedMarkets(caller.principal) });
  }

  @Route('GET :order', { scope: 'orders:read', summary: 'Reads the order and its history.', path: OrderPath, answers: value(Order) })
  async read(@Param() path: OrderPath, @Caller() caller: Caller): Promise<Order> {
    const order = await this.to(path, caller).read();
    requireOrder(caller.principal, order);
    return order;
  }

  @Route('POST :order/cancel', {
    scope: 'orders:write',
    summary: 'Cancels the order, and releases its stock.', description: 'Idempotent: cancelling a CANCELLED order changes nothing.',
    path: OrderPath, answers: value(Order, { errors: [404, 409, 422], key: 'taken' }),
  })
  async cancel(@Param() path: OrderPath, @Caller() caller: Caller): Promise<Order> {
    await this.requireOwn(path, caller);
    return this.to(path, caller).cancel();
  }

  @Route('POST :order/fulfil', {
    scope: 'orders:write',
    summary: 'Marks the order as fulfilled, when its goods are handed out.', description: 'Idempotent: fulfilling a FULFILLED order changes nothing.',
    path: OrderPath, answers: value(Order, { errors: [404, 409, 422], key: 'taken' }),
  })
  async fulfil(@Param() path: OrderPath, @Caller() caller: Caller): Promise<Order> {
    await this.requireOwn(path, caller);
    return this.to(path, caller).fulfil();
  }

  @Route('GET :order/history', { scope: 'orders:read', summary: 'Lists the statuses of the order, oldest first.', path: OrderPath, answers: value(OrderHistory) })
  async history(@Param() path: OrderPath, @Caller() caller: Caller): Promise<OrderHistory> {
    await this.requireOwn(path, caller);
    return this.to(path, caller).history();
  }

  /** An order stays in its market, so a check before the command holds during it. Most principals are not restricted to markets. */
  private async requireOwn(path: OrderPath, caller: Caller): Promise<void> {
    const { principal } = caller;
    if (principal.markets) requireOrder(principal, await this.commands.reading(OrderProtocol, path, caller).read());
  }

  private to(key: OrderKey, caller: Caller): ClientOf<typeof OrderProtocol> {
    return this.commands.to(OrderProtocol, key, caller);
  }
}
