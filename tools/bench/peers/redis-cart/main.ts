import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { Redis } from 'ioredis';
import { serve } from '../serve.ts';
import { BasketsController } from './baskets.controller.ts';

@Module({
  controllers: [BasketsController],
  providers: [
    {
      provide: Redis,
      useFactory: () =>
        new Redis(process.env['REDIS_URL'] ?? '', {
          enableAutoPipelining: true,
          keyPrefix: process.env['REDIS_PREFIX'] ?? '',
        }),
    },
  ],
})
class RedisCart {}

await serve(RedisCart);
