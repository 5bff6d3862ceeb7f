import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  Identifier, MARKET_MESSAGES, Reservations, Stock, StockAdjustment, StockAlerts, StockMovements, StockStanding, type AdjustStock,
  type ReadMovements, type ReadPage, type ReadReservations,
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
  read(
    @Param({ schema: ProductPath }) { market, sku }: ProductPath,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const asked = { type: MARKET_MESSAGES.stock, market, body: { sku }, request, reply };
    return sendRead(this.commands, { ...asked, restated: true });
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
    const body: AdjustStock = { sku, adjustment, ...preconditionOf(request) };
    return sendChanged(this.commands, { type: MARKET_MESSAGES.adjust, market, body, request, reply, restated: true });
  }

  /** What came and went of a product, oldest first. */
  @Get('products/:sku/stock/movements')
  @Answers(StockMovements)
  movementsOf(
    @Param({ schema: ProductPath }) { market, sku }: ProductPath,
    @Query({ schema: Page }) page: Page,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const body: ReadMovements = { ...page, sku };
    return sendRead(this.commands, { type: MARKET_MESSAGES.movements, market, body, request, reply });
  }

  /** What came and went, oldest first. */
  @Get('stock/movements')
  @Answers(StockMovements)
  movements(
    @Param({ schema: MarketPath }) { market }: MarketPath,
    @Query({ schema: MovementPage }) page: MovementPage,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const body: ReadMovements = page;
    return sendRead(this.commands, { type: MARKET_MESSAGES.movements, market, body, request, reply });
  }

  /** Products that are low, and lots that are near their last day or past it. */
  @Get('stock/alerts')
  @Answers(StockAlerts)
  alerts(
    @Param({ schema: MarketPath }) { market }: MarketPath,
    @Query({ schema: Page }) page: Page,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const body: ReadPage = page;
    return sendRead(this.commands, { type: MARKET_MESSAGES.alerts, market, body, request, reply });
  }

  /** What orders were given, by order. */
  @Get('reservations')
  @Answers(Reservations)
  reservations(
    @Param({ schema: MarketPath }) { market }: MarketPath,
    @Query({ schema: ReservationPage }) page: ReservationPage,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const body: ReadReservations = page;
    return sendRead(this.commands, { type: MARKET_MESSAGES.reservations, market, body, request, reply });
  }
}
