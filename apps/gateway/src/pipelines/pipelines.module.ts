import { Module } from '@nestjs/common';
import { IdentityModule } from '../identity/identity.module.ts';
import { PipelinesController } from './pipelines.controller.ts';

/** The routes of pipelines. */
@Module({ imports: [IdentityModule], controllers: [PipelinesController] })
export class PipelinesModule {}
