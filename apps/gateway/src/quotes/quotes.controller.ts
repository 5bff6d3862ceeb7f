import { Body, Controller, Inject, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { PricesProtocol, Quote, QuoteRequest, type DocumentReply } from '@aisle/contracts';
import { CommandClient } from '../commands/command-client.ts';
import { CODE_SCANNED, PRODUCT_NAMED } from '../problems/problems.ts';
import { document } from '../routes/answers.ts';
import { Caller } from '../routes/caller.ts';
import { commandIdOf } from '../routes/idempotency-key.ts';
import { MarketPath } from '../routes/parameters.ts';
import { Route } from '../routes/route.ts';

/** The route that prices a list of products without a basket. */
@ApiTags('Quotes')
@Controller('v1/markets/:market/quotes')
export class QuotesController {
  constructor(@Inject(CommandClient) private readonly commands: CommandClient) {}

  @Route('POST', {
    scope: 'quotes:read',
    summary: 'Prices a list of products without a basket, with the adjustments that explain each price.', path: MarketPath, body: QuoteRequest,
    example: { items: ['GR1', { sku: 'SR1', quantity: 3 }] }, answers: document(Quote, {
      errors: ['market.unknown', 'basket.full', 'basket.line_full', 'pricing.behind', 'product.crashed', ...PRODUCT_NAMED, ...CODE_SCANNED],
    }),
  })
  quote(@Param() { market }: MarketPath, @Body() items: QuoteRequest, @Caller() caller: Caller): Promise<DocumentReply> {
    // Any basket-server gives the same prices, so a random key spreads quotes over all of them.
    return this.commands.reading(PricesProtocol, { market, spread: commandIdOf(undefined) }, caller).quote(items);
  }
}
