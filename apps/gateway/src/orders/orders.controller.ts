import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Identifier, NewOrder, Order, OrderHistory, OrderList, OrderProtocol, OrderStatus, type ClientOf, type OrderKey } from '@aisle/contracts';
import { CommandClient } from '../commands/command-client.ts';
import { listedMarkets, requireMarket, requireOrder } from '../identity/authority.ts';
import { CODE_SCANNED, PRODUCT_NAMED } from '../problems/problems.ts';
import { changed, documentOf, value, type Document } from '../routes/answers.ts';
import { Caller } from '../routes/caller.ts';
import { MarketPath, Page } from '../routes/parameters.ts';
import { Route } from '../routes/route.ts';

const OrderPath = z.strictObject({ order: Identifier.meta({ description: 'the id of the order', examples: ['01980e5f-6f1c-7cc0-a3c4-7d1f3f1c2b5a'] }) });
type OrderPath = z.infer<typeof OrderPath>;

const OrderPage = Page.extend({
  market: MarketPath.shape.market.optional().meta({ description: 'only orders of this market', examples: ['m1'] }),
  status: OrderStatus.optional().meta({ description: 'only orders of this status' }),
  atRisk: z.enum(['true', 'false'], 'must be true or false').transform((text) => text === 'true').optional()
    .meta({ description: 'only orders that are at risk, or only those that are not' }),
});
type OrderPage = z.infer<typeof OrderPage>;

const ORDERED = [
  'market.unknown', 'basket.full', 'basket.line_full', 'pricing.behind', 'product.crashed', 'tax.rate_unknown', 'tax.category_missing', ...PRODUCT_NAMED,
  ...CODE_SCANNED,
] as const;

/** The routes of orders. Checking out a basket places an order, too. */
@ApiTags('Orders')
@Controller('v1/orders')
export class OrdersController {
  constructor(@Inject(CommandClient) private readonly commands: CommandClient) {}

  @Route('POST', {
    scope: 'orders:write',
    summary: 'Places an order without a basket.', description: 'The order is PENDING. `Location` is the URL at which its status can be read.',
    body: NewOrder, example: { market: 'm1', lines: [{ sku: 'GR1', quantity: 2 }] },
    answers: changed(Order, { statuses: [202], errors: ORDERED, location: 'the URL of the order', key: 'echoed' }),
  })
  async placeOrder(@Body() wanted: NewOrder, @Caller() caller: Caller): Promise<Document<Order>> {
    requireMarket(caller.principal, wanted.market);
    const { order, replayed } = await this.to({ market: wanted.market }, caller).create(wanted);
    return documentOf(order, { replayed, location: `/v1/orders/${encodeURIComponent(order.id)}` });
  }

  @Route('GET', { scope: 'orders:read', summary: 'Lists orders, latest first.', query: OrderPage, answers: value(OrderList, { errors: ['order.cursor_invalid'] }) })
  listOrders(@Query() page: OrderPage, @Caller() caller: Caller): Promise<OrderList> {
    return this.to({}, caller).list({ ...page, ...listedMarkets(caller.principal) });
  }

  @Route('GET :order', { scope: 'orders:read', isForShoppers: true, summary: 'Reads the order and its history.', path: OrderPath, answers: value(Order, { errors: ['order.missing'] }) })
  async getOrder(@Param() path: OrderPath, @Caller() caller: Caller): Promise<Order> {
    const order = await this.to(path, caller).read();
    requireOrder(caller.principal, order);
    return order;
  }

  @Route('POST :order/cancel', {
    scope: 'orders:write',
    summary: 'Cancels the order, and releases its stock.', description: 'Idempotent: cancelling a CANCELLED order changes nothing.',
    path: OrderPath, answers: value(Order, { errors: ['order.missing', 'order.not_cancellable', 'order.undecided'], key: 'taken' }),
  })
  async cancelOrder(@Param() path: OrderPath, @Caller() caller: Caller): Promise<Order> {
    await this.requireOwn(path, caller);
    return this.to(path, caller).cancel();
  }

  @Route('POST :order/fulfil', {
    scope: 'orders:write',
    summary: 'Marks the order as fulfilled, when its goods are handed out.', description: 'Idempotent: fulfilling a FULFILLED order changes nothing.',
    path: OrderPath, answers: value(Order, { errors: ['order.missing', 'order.not_fulfillable', 'order.undecided', 'stock.expired'], key: 'taken' }),
  })
  async fulfilOrder(@Param() path: OrderPath, @Caller() caller: Caller): Promise<Order> {
    await this.requireOwn(path, caller);
    return this.to(path, caller).fulfil();
  }

  @Route('GET :order/history', { scope: 'orders:read', isForShoppers: true, summary: 'Lists the statuses of the order, oldest first.', path: OrderPath, answers: value(OrderHistory, { errors: ['order.missing'] }) })
  async getOrderHistory(@Param() path: OrderPath, @Caller() caller: Caller): Promise<OrderHistory> {
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
