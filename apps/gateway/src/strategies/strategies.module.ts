import { Module } from '@nestjs/common';
import { StrategiesController } from './strategies.controller.ts';

/** The routes of pricing strategies. */
@Module({ controllers: [StrategiesController] })
export class StrategiesModule {}
