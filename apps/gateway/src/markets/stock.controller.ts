import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  Identifier, Reservations, Stock, StockAdjustment, StockAlerts, StockMovements, StockProtocol, StockStanding,
} from '@aisle/contracts';
import { CommandClient } from '../commands/command-client.ts';
import { preconditionOf } from '../conditions/conditions.ts';
import { Page } from '../page.ts';
import { MarketPath, ProductPath, sendChanged, sendRead } from './documents.ts';
import { AdjustsStock, Answers, AnswersTagged } from './openapi.ts';

const MovementPage = Page.extend({ sku: Identifier.optional() });
type MovementPage = z.infer<typeof MovementPage>;
const ReservationPage = Page.extend({ standing: StockStanding.optional() });
type ReservationPage = z.infer<typeof ReservationPage>;

/** What there is of a market's products, what came and went, and what orders have of it. */
@Controller('v1/markets/:market')
export class StockController {
  constructor(@Inject(CommandClient) private readonly commands: CommandClient) {}

  /** What there is of a product, lot by lot in the order in which they leave. */
  @Get('products/:sku/stock')
  @AnswersTagged(Stock)
  async read(
    @Param({ schema: ProductPath }) { market, sku }: ProductPath,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const stock = await this.commands.to(StockProtocol, { market }, request).read({ sku });
    sendRead({ request, reply, restated: true }, stock);
  }

  /** Units came or went, for a reason. With another quantity on hand than `expectedQuantity` the answer is 409. */
  @Post('products/:sku/stock/adjustments')
  @HttpCode(200)
  @AdjustsStock()
  adjust(
    @Param({ schema: ProductPath }) { market, sku }: ProductPath,
    @Body({ schema: StockAdjustment }) adjustment: StockAdjustment,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const body = { sku, adjustment, ...preconditionOf(request) };
    return sendChanged({ request, reply, restated: true }, (caller) => this.commands.to(StockProtocol, { market }, caller).adjust(body));
  }

  /** What came and went of a product, oldest first. */
  @Get('products/:sku/stock/movements')
  @Answers(StockMovements)
  async movementsOf(
    @Param({ schema: ProductPath }) { market, sku }: ProductPath,
    @Query({ schema: Page }) page: Page,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const body = { ...page, sku };
    sendRead({ request, reply }, await this.commands.to(StockProtocol, { market }, request).movements(body));
  }

  /** What came and went, oldest first. */
  @Get('stock/movements')
  @Answers(StockMovements)
  async movements(
    @Param({ schema: MarketPath }) { market }: MarketPath,
    @Query({ schema: MovementPage }) page: MovementPage,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    sendRead({ request, reply }, await this.commands.to(StockProtocol, { market }, request).movements(page));
  }

  /** Products that are low, and lots that are near their last day or past it. */
  @Get('stock/alerts')
  @Answers(StockAlerts)
  async alerts(
    @Param({ schema: MarketPath }) { market }: MarketPath,
    @Query({ schema: Page }) page: Page,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    sendRead({ request, reply }, await this.commands.to(StockProtocol, { market }, request).alerts(page));
  }

  /** What orders were given, by order. */
  @Get('reservations')
  @Answers(Reservations)
  async reservations(
    @Param({ schema: MarketPath }) { market }: MarketPath,
    @Query({ schema: ReservationPage }) page: ReservationPage,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    sendRead({ request, reply }, await this.commands.to(StockProtocol, { market }, request).reservations(page));
  }
}
