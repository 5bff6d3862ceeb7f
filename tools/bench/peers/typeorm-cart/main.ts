import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { serve } from '../serve.ts';
import { BasketRow } from './basket.row.ts';
import { BasketsController } from './baskets.controller.ts';
import { BasketsRepository } from './baskets.repository.ts';

@Module({
  imports: [
    TypeOrmModule.forRoot({
      type: 'postgres',
      url: process.env['DATABASE_URL'] ?? '',
      entities: [BasketRow],
      synchronize: true,
      installExtensions: false,
      poolSize: Number(process.env['POOL_SIZE'] ?? 16),
    }),
  ],
  controllers: [BasketsController],
  providers: [BasketsRepository],
})
class TypeormCart {}

await serve(TypeormCart);
