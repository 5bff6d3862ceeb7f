import { Body, Controller, Get, Inject, Param, Put, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { MARKET_MESSAGES, Market, MarketEdit, MarketList, type ConfigureMarket, type ReadPage } from '@aisle/contracts';
import { CommandClient } from '../commands/command-client.ts';
import { preconditionOf } from '../conditions/conditions.ts';
import { Page } from '../page.ts';
import { MarketPath, sendChanged, sendRead } from './documents.ts';
import { Answers, AnswersMarket, AnswersTagged } from './openapi.ts';

/** A list is of no market in particular. */
const ANY = 'any';

/** Markets: found by name, and made by it. */
@Controller('v1/markets')
export class MarketsController {
  constructor(@Inject(CommandClient) private readonly commands: CommandClient) {}

  /** Every market, by id. */
  @Get()
  @Answers(MarketList)
  list(@Query({ schema: Page }) page: Page, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const body: ReadPage = page;
    return sendRead(this.commands, { type: MARKET_MESSAGES.list, market: ANY, body, request, reply });
  }

  /** The market: its currency, rounding and thresholds. */
  @Get(':market')
  @AnswersTagged(Market)
  read(
    @Param({ schema: MarketPath }) { market }: MarketPath,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return sendRead(this.commands, { type: MARKET_MESSAGES.read, market, body: {}, request, reply });
  }

  /** Makes the market, or changes what is said; what is left out stays as it is. */
  @Put(':market')
  @AnswersMarket()
  configure(
    @Param({ schema: MarketPath }) { market }: MarketPath,
    @Body({ schema: MarketEdit.default({}) }) edit: MarketEdit,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const body: ConfigureMarket = { edit, ...preconditionOf(request) };
    return sendChanged(this.commands, { type: MARKET_MESSAGES.configure, market, body, request, reply });
  }
}
