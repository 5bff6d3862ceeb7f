import { Module } from '@nestjs/common';
import { ImportController } from './import.controller.ts';
import { MarketsController } from './markets.controller.ts';
import { ProductsController } from './products.controller.ts';
import { StockController } from './stock.controller.ts';

/** Markets, the products that they sell, and the stock of these. */
@Module({ controllers: [ImportController, MarketsController, ProductsController, StockController] })
export class MarketsModule {}
