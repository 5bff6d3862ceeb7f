import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import {
  Reservations, Stock, StockAdjustment, StockAlerts, StockMovements, StockProtocol, StockStanding, type DocumentReply,
} from '@aisle/contracts';
import { CommandClient, type ReadsOf } from '../commands/command-client.ts';
import { changed, document, tagged } from '../routes/answers.ts';
import { Caller } from '../routes/caller.ts';
import { MarketPath, Page, ProductPath } from '../routes/parameters.ts';
import { Route } from '../routes/route.ts';

const MovementPage = Page.extend({ sku: ProductPath.shape.sku.optional().meta({ description: 'only movements of this product' }) });
type MovementPage = z.infer<typeof MovementPage>;
const ReservationPage = Page.extend({ standing: StockStanding.optional().meta({ description: 'only reservations of this standing' }) });
type ReservationPage = z.infer<typeof ReservationPage>;

const LISTED = ['market.unknown', 'page.cursor_invalid'] as const;
const OF_PRODUCT = ['market.unknown', 'market.restarting', 'product.missing'] as const;

/** The routes of a market's stock: quantities, movements, alerts and reservations. */
@ApiTags('Stock')
@Controller('v1/markets/:market')
export class StockController {
  constructor(@Inject(CommandClient) private readonly commands: CommandClient) {}

  @Route('GET products/:sku/stock', {
    scope: 'stock:read',
    summary: 'Reads the stock of a product, and its lots in the order in which they are sold.', path: ProductPath, answers: tagged(Stock, { restated: true, errors: OF_PRODUCT }),
  })
  getStock(@Param() { market, sku }: ProductPath, @Caller() caller: Caller): Promise<DocumentReply> {
    return this.stock({ market }, caller).read({ sku });
  }

  @Route('POST products/:sku/stock/adjustments', {
    scope: 'stock:write',
    summary: 'Adds units to the stock of a product or removes them, with a reason.',
    description: 'If the quantity on hand is not `expectedQuantity`, the answer is 409.', path: ProductPath, body: StockAdjustment,
    example: { delta: 24, reason: 'delivery 7', lot: 'a', expiresOn: '2031-01-31' },
    answers: changed(Stock, {
      restated: true, conditions: 'change', key: 'echoed',
      errors: [
        ...OF_PRODUCT, 'precondition.failed', 'stock.insufficient', 'stock.lot_dated', 'stock.lot_missing', 'stock.lots_full', 'stock.promised',
        'stock.quantity_changed', 'stock.too_much',
      ],
    }),
  })
  adjustStock(@Param() { market, sku }: ProductPath, @Body() adjustment: StockAdjustment, @Caller() caller: Caller): Promise<DocumentReply> {
    return this.commands.to(StockProtocol, { market }, caller).adjust({ sku, adjustment, ...caller.precondition });
  }

  @Route('GET products/:sku/stock/movements', {
    scope: 'stock:read',
    summary: 'Lists the movements of a product, oldest first.', path: ProductPath, query: Page,
    answers: document(StockMovements, { errors: [...OF_PRODUCT, 'page.cursor_invalid'] }),
  })
  listProductMovements(@Param() { market, sku }: ProductPath, @Query() page: Page, @Caller() caller: Caller): Promise<DocumentReply> {
    return this.stock({ market }, caller).movements({ ...page, sku });
  }

  @Route('GET stock/movements', {
    scope: 'stock:read',
    summary: 'Lists the movements of all products, oldest first.', path: MarketPath, query: MovementPage,
    answers: document(StockMovements, { errors: LISTED }),
  })
  listMovements(@Param() path: MarketPath, @Query() page: MovementPage, @Caller() caller: Caller): Promise<DocumentReply> {
    return this.stock(path, caller).movements(page);
  }

  @Route('GET stock/alerts', {
    scope: 'stock:read',
    summary: 'Lists products with low stock or promises at risk, and lots that have expired or will expire soon.', path: MarketPath, query: Page,
    answers: document(StockAlerts, { errors: LISTED }),
  })
  listStockAlerts(@Param() path: MarketPath, @Query() page: Page, @Caller() caller: Caller): Promise<DocumentReply> {
    return this.stock(path, caller).alerts(page);
  }

  @Route('GET reservations', {
    scope: 'stock:read',
    summary: 'Lists the stock that is reserved for orders, by order.', path: MarketPath, query: ReservationPage, answers: document(Reservations, { errors: LISTED }),
  })
  listReservations(@Param() path: MarketPath, @Query() page: ReservationPage, @Caller() caller: Caller): Promise<DocumentReply> {
    return this.stock(path, caller).reservations(page);
  }

  private stock(path: MarketPath, caller: Caller): ReadsOf<typeof StockProtocol> {
    return this.commands.reading(StockProtocol, path, caller);
  }
}
