import { Module } from '@nestjs/common';
import { BasketsController } from './baskets.controller.ts';

/** The routes of baskets, from the first line to the checkout. */
@Module({ controllers: [BasketsController] })
export class BasketsModule {}
