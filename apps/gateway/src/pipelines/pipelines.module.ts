import { Module } from '@nestjs/common';
import { PipelinesController } from './pipelines.controller.ts';

/** Demand-driven pipelines. */
@Module({ controllers: [PipelinesController] })
export class PipelinesModule {}
