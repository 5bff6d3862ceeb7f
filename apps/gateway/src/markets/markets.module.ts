import { Module } from '@nestjs/common';
import { ImportController } from './import.controller.ts';
import { MarketsController } from './markets.controller.ts';
import { ProductsController } from './products.controller.ts';
import { ScanController } from './scan.controller.ts';
import { StockController } from './stock.controller.ts';

/** The routes of markets, their products and their stock. */
@Module({ controllers: [ImportController, MarketsController, ProductsController, ScanController, StockController] })
export class MarketsModule {}
