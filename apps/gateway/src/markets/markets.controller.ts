import { Body, Controller, Get, Inject, Param, Put, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Market, MarketEdit, MarketList, MarketProtocol } from '@aisle/contracts';
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
  async list(@Query({ schema: Page }) page: Page, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    sendRead({ request, reply }, await this.commands.to(MarketProtocol, { market: ANY }, request).list(page));
  }

  /** The market: its currency, rounding and thresholds. */
  @Get(':market')
  @AnswersTagged(Market)
  async read(
    @Param({ schema: MarketPath }) { market }: MarketPath,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    sendRead({ request, reply }, await this.commands.to(MarketProtocol, { market }, request).read());
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
    const body = { edit, ...preconditionOf(request) };
    return sendChanged({ request, reply }, (caller) => this.commands.to(MarketProtocol, { market }, caller).configure(body));
  }
}
