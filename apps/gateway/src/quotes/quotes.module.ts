import { Module } from '@nestjs/common';
import { QuotesController } from './quotes.controller.ts';

/** The route of quotes. */
@Module({ controllers: [QuotesController] })
export class QuotesModule {}
