import { Module } from '@nestjs/common';
import { ConsumersController } from './consumers.controller.ts';

/** Named consumers with a message history. */
@Module({ controllers: [ConsumersController] })
export class ConsumersModule {}
