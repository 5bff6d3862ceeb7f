import { Module } from '@nestjs/common';
import { StrategiesController } from './strategies.controller.ts';

/** Pricing strategies. */
@Module({ controllers: [StrategiesController] })
export class StrategiesModule {}
