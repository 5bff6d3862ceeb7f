import { Module, type DynamicModule } from '@nestjs/common';
import { BasketJournalController } from './baskets/basket-journal.controller.ts';
import { BasketsController } from './baskets/baskets.controller.ts';
import { CheckoutController } from './baskets/checkout.controller.ts';
import { CommandClient } from './commands/command-client.ts';
import { ConsumersController } from './consumers/consumers.controller.ts';
import { ImportController } from './markets/import.controller.ts';
import { MarketsController } from './markets/markets.controller.ts';
import { ProductsController } from './markets/products.controller.ts';
import { StockController } from './markets/stock.controller.ts';
import { OrdersController } from './orders/orders.controller.ts';
import { PipelinesController } from './pipelines/pipelines.controller.ts';
import { QuotesController } from './quotes/quotes.controller.ts';
import { StrategiesController } from './strategies/strategies.controller.ts';

@Module({})
export class GatewayModule {
  static with(commands: CommandClient): DynamicModule {
    return {
      module: GatewayModule,
      controllers: [
        BasketsController, BasketJournalController, CheckoutController, ConsumersController, ImportController,
        MarketsController, OrdersController, PipelinesController, ProductsController, QuotesController, StockController,
        StrategiesController,
      ],
      providers: [{ provide: CommandClient, useValue: commands }],
    };
  }
}
