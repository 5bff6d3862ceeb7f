import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { Redis } from 'ioredis';
import { AddItemPipe, type AddItem } from '../add-item.ts';

@Controller()
export class BasketsController {
  constructor(private readonly redis: Redis) {}

  @Get('/health/ready')
  async ready(): Promise<{ ready: boolean }> {
    return { ready: (await this.redis.ping()) === 'PONG' };
  }

  /** Answers the line's new quantity: the whole basket would cost a second command. */
  @Post('/v1/markets/:market/baskets/:basket/lines')
  @HttpCode(200)
  async add(
    @Param('market') market: string,
    @Param('basket') id: string,
    @Body(AddItemPipe) { sku, quantity }: AddItem,
  ): Promise<object> {
    return { id, market, sku, quantity: await this.redis.hincrby(key(market, id), sku, quantity) };
  }

  @Get('/v1/markets/:market/baskets/:basket')
  async read(@Param('market') market: string, @Param('basket') id: string): Promise<object> {
    const held = await this.redis.hgetall(key(market, id));
    const lines = Object.entries(held).map(([sku, quantity]) => ({ sku, quantity: Number(quantity) }));
    return { id, market, lines };
  }
}

function key(market: string, id: string): string {
  return `basket:${market}:${id}`;
}
