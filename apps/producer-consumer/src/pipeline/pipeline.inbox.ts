import { Controller, Inject } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import type { BrokerContext } from '@aisle/broker/nest';
import {
  PIPELINE_MESSAGES, type ConfigurePipeline, type ConfigureReply, type Pipeline, type PipelineList, type ReadPage, type RedrivePipeline,
  type RedriveReply, type WatchPipeline, type WatchReply,
} from '@aisle/contracts';
import { HOLDERS, type Holders } from '../holder/holder.ts';
import { Pipelines, pipelineKey } from './pipelines.ts';
import type { PipelineName } from './pipeline.repository.ts';

/** The messages of pipelines, each to the process that runs it. */
@Controller()
export class PipelineInbox {
  constructor(
    @Inject(Pipelines) private readonly pipelines: Pipelines,
    @Inject(HOLDERS) private readonly holders: Holders,
  ) {}

  @MessagePattern(PIPELINE_MESSAGES.read)
  read(@Payload() body: unknown, @Ctx() context: BrokerContext): Promise<Pipeline> {
    return this.atHolder(context, body, (which) => this.pipelines.read(which));
  }

  @MessagePattern(PIPELINE_MESSAGES.configure)
  configure(@Payload() change: ConfigurePipeline, @Ctx() context: BrokerContext): Promise<ConfigureReply> {
    return this.atHolder(context, change, (which) => this.pipelines.configure(which, change, context.envelope.id));
  }

  @MessagePattern(PIPELINE_MESSAGES.start)
  start(@Payload() body: unknown, @Ctx() context: BrokerContext): Promise<Pipeline> {
    return this.atHolder(context, body, (which) => this.pipelines.start(which, context.envelope.id));
  }

  @MessagePattern(PIPELINE_MESSAGES.stop)
  stop(@Payload() body: unknown, @Ctx() context: BrokerContext): Promise<Pipeline> {
    return this.atHolder(context, body, (which) => this.pipelines.stop(which, context.envelope.id));
  }

  @MessagePattern(PIPELINE_MESSAGES.watch)
  watch(@Payload() { after }: WatchPipeline, @Ctx() context: BrokerContext): Promise<WatchReply> {
    return this.atHolder(context, { after }, (which) => this.pipelines.watch(which, after));
  }

  @MessagePattern(PIPELINE_MESSAGES.list)
  list(@Payload() page: ReadPage, @Ctx() { envelope }: BrokerContext): Promise<PipelineList> {
    return this.pipelines.list(envelope.tenant, page);
  }

  @MessagePattern(PIPELINE_MESSAGES.remove)
  remove(@Payload() body: unknown, @Ctx() context: BrokerContext): Promise<void> {
    return this.atHolder(context, body, (which) => this.pipelines.remove(which, context.envelope.id));
  }

  @MessagePattern(PIPELINE_MESSAGES.redrive)
  redrive(@Payload() body: RedrivePipeline, @Ctx() context: BrokerContext): Promise<RedriveReply> {
    return this.atHolder(context, body, async (which) => ({ redriven: await this.pipelines.redrive(which, body.ids) }));
  }

  private atHolder<T>(
    { envelope: header }: BrokerContext, body: unknown, here: (which: PipelineName) => Promise<T>,
  ): Promise<T> {
    const which = { tenant: header.tenant, name: header.actor };
    return this.holders.atHolder(pipelineKey(which), { header, body }, () => here(which));
  }
}
