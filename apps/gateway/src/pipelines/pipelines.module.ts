import { Module } from '@nestjs/common';
import { PipelinesController } from './pipelines.controller.ts';

/** The routes of pipelines. */
@Module({ controllers: [PipelinesController] })
export class PipelinesModule {}
