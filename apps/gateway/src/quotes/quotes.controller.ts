import { Body, Controller, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Identifier, PricesProtocol, QuoteRequest } from '@aisle/contracts';
import { CommandClient } from '../commands/command-client.ts';
import { commandIdOf } from '../commands/command-id.ts';
import { AnswersQuote } from '../openapi.ts';

const MarketPath = z.strictObject({ market: Identifier });
type MarketPath = z.infer<typeof MarketPath>;

/** Prices a list of products of which nobody keeps a basket. */
@Controller('v1/markets/:market/quotes')
export class QuotesController {
  constructor(@Inject(CommandClient) private readonly commands: CommandClient) {}

  /** Totals per product and in all, and why each price is what it is. */
  @Post()
  @HttpCode(200)
  @AnswersQuote()
  async quote(
    @Param({ schema: MarketPath }) { market }: MarketPath,
    @Body({ schema: QuoteRequest }) items: QuoteRequest,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    // Any basket-server prices alike: the request's own id spreads quotes over all of them.
    const commandId = commandIdOf(undefined);
    const { traceparent } = request;
    const quote = await this.commands.to(PricesProtocol, { market, spread: commandId }, { commandId, traceparent }).quote(items);
    void reply.type('application/json; charset=utf-8').send(quote.json);
  }
}
