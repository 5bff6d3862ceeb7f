import { Controller, Inject } from '@nestjs/common';
import { Handles, type BrokerContext } from '@aisle/broker/nest';
import {
  PipelineProtocol, type PipelineChange, type ConfigureReply, type Pipeline, type PipelineList, type ReadPage, type RedrivePipeline,
  type RedriveReply, type WatchPipeline, type WatchReply,
} from '@aisle/contracts';
import { GroupHolders } from '../holder/holder.ts';
import { Pipelines, pipelineKey } from './pipelines.ts';
import type { PipelineName } from './pipeline.repository.ts';

/** Handles the messages about pipelines, in the process that runs the pipeline. */
@Controller()
export class PipelineInbox {
  constructor(
    @Inject(Pipelines) private readonly pipelines: Pipelines,
    @Inject(GroupHolders) private readonly holders: GroupHolders,
  ) {}

  @Handles(PipelineProtocol.read)
  read(_body: unknown, context: BrokerContext): Promise<Pipeline> {
    return this.atHolder(context, (which) => this.pipelines.read(which));
  }

  @Handles(PipelineProtocol.configure)
  configure(change: PipelineChange, context: BrokerContext): Promise<ConfigureReply> {
    return this.atHolder(context, (which) => this.pipelines.configure(which, change, context.envelope.id));
  }

  @Handles(PipelineProtocol.start)
  start(_body: unknown, context: BrokerContext): Promise<Pipeline> {
    return this.atHolder(context, (which) => this.pipelines.start(which, context.envelope.id));
  }

  @Handles(PipelineProtocol.stop)
  stop(_body: unknown, context: BrokerContext): Promise<Pipeline> {
    return this.atHolder(context, (which) => this.pipelines.stop(which, context.envelope.id));
  }

  @Handles(PipelineProtocol.watch)
  watch({ after }: WatchPipeline, context: BrokerContext): Promise<WatchReply> {
    return this.atHolder(context, (which) => this.pipelines.watch(which, after));
  }

  @Handles(PipelineProtocol.list)
  list(page: ReadPage, { envelope }: BrokerContext): Promise<PipelineList> {
    return this.pipelines.list(envelope.tenant, page);
  }

  @Handles(PipelineProtocol.remove)
  remove(_body: unknown, context: BrokerContext): Promise<void> {
    return this.atHolder(context, (which) => this.pipelines.remove(which, context.envelope.id));
  }

  @Handles(PipelineProtocol.redrive)
  redrive(body: RedrivePipeline, context: BrokerContext): Promise<RedriveReply> {
    return this.atHolder(context, async (which) => ({ redriven: await this.pipelines.redrive(which, body.ids) }));
  }

  private atHolder<T>({ envelope: header, body, queue }: BrokerContext, runHere: (which: PipelineName) => Promise<T>): Promise<T> {
    const which = { tenant: header.tenant, name: header.actor };
    return this.holders.atHolder(pipelineKey(which), { header, body, queue }, () => runHere(which));
  }
}
