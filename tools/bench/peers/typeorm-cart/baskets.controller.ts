import {
  Body, Controller, Get, HttpCode, NotFoundException, Param, Post, UnprocessableEntityException,
} from '@nestjs/common';
import { AddItemPipe, type AddItem } from '../add-item.ts';
import type { BasketRow } from './basket.row.ts';
import { BasketsRepository } from './baskets.repository.ts';
import { isSold } from './prices.ts';

@Controller()
export class BasketsController {
  constructor(private readonly baskets: BasketsRepository) {}

  @Get('/health/ready')
  ready(): { ready: true } {
    return { ready: true };
  }

  @Post('/v1/markets/:market/baskets/:basket/lines')
  @HttpCode(200)
  async add(
    @Param('market') market: string,
    @Param('basket') id: string,
    @Body(AddItemPipe) { sku, quantity }: AddItem,
  ): Promise<object> {
    if (!isSold(sku)) throw new UnprocessableEntityException('no such product');
    return shown(await this.baskets.add(market, id, sku, quantity));
  }

  @Get('/v1/markets/:market/baskets/:basket')
  async read(@Param('market') market: string, @Param('basket') id: string): Promise<object> {
    const basket = await this.baskets.find(market, id);
    if (!basket) throw new NotFoundException();
    return shown(basket);
  }
}

function shown({ market, id, version, lines, totalMinor, updatedAt }: BasketRow): object {
  return {
    id,
    market,
    version,
    lines: lines.map(({ sku, name, quantity, unitPriceMinor, netMinor }) => ({
      sku, name, quantity, unitPrice: pounds(unitPriceMinor), net: pounds(netMinor),
    })),
    total: pounds(totalMinor),
    updatedAt,
  };
}

function pounds(amount: number): { amount: number; currency: string } {
  return { amount, currency: 'GBP' };
}
