import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Market, MarketEdit, MarketList, MarketProtocol, type DocumentReply } from '@aisle/contracts';
import { CommandClient } from '../commands/command-client.ts';
import { listedMarkets } from '../identity/authority.ts';
import { changed, document, tagged } from '../routes/answers.ts';
import { Caller } from '../routes/caller.ts';
import { MarketPath, Page } from '../routes/parameters.ts';
import { Route } from '../routes/route.ts';

/** The key of lists, which belong to no market. */
const ANY = { market: 'any' };

/** The routes of markets. */
@ApiTags('Markets')
@Controller('v1/markets')
export class MarketsController {
  constructor(@Inject(CommandClient) private readonly commands: CommandClient) {}

  @Route('GET', { scope: 'catalogue:read', summary: 'Lists all markets by id.', query: Page, answers: document(MarketList, { errors: ['page.cursor_invalid'] }) })
  listMarkets(@Query() page: Page, @Caller() caller: Caller): Promise<DocumentReply> {
    return this.commands.reading(MarketProtocol, ANY, caller).list({ ...page, ...listedMarkets(caller.principal) });
  }

  @Route('GET :market', { scope: 'catalogue:read', summary: 'Reads the market: its currency, rounding and thresholds.', path: MarketPath, answers: tagged(Market, { errors: ['market.unknown', 'market.restarting'] }) })
  getMarket(@Param() path: MarketPath, @Caller() caller: Caller): Promise<DocumentReply> {
    return this.commands.reading(MarketProtocol, path, caller).read();
  }

  @Route('PUT :market', {
    scope: 'catalogue:write',
    summary: 'Creates the market, or changes the settings that the body names.', path: MarketPath, body: MarketEdit.default({}),
    example: { currency: 'GBP', thresholds: { lowStock: 5 } },
    answers: changed(Market, { 
      statuses: [200, 201], conditions: 'change', key: 'echoed',
      errors: ['market.currency_fixed', 'market.products_untaxed', 'market.restarting', 'market.unknown', 'precondition.failed'],
    }),
  })
  configureMarket(@Param() path: MarketPath, @Body() edit: MarketEdit, @Caller() caller: Caller): Promise<DocumentReply> {
    return this.commands.to(MarketProtocol, path, caller).configure({ edit, ...caller.precondition });
  }
}
