import { Module } from '@nestjs/common';
import { ConsumersController } from './consumers.controller.ts';

/** The routes of named consumers. */
@Module({ controllers: [ConsumersController] })
export class ConsumersModule {}
