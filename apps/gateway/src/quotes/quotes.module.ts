import { Module } from '@nestjs/common';
import { QuotesController } from './quotes.controller.ts';

/** Prices of what is in no basket. */
@Module({ controllers: [QuotesController] })
export class QuotesModule {}
