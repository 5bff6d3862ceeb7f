import {
  PipelineProtocol, PipelineSettings, addresseeOf, type Message, type Pipeline, type RedrivePipeline, type RedriveReply, type ReplyOf,
  type SentBody,
} from '@aisle/contracts';
import { isFailure, uuidv7, type Runtime } from '@aisle/std';
import type { GroupHolders } from '../holder/holder.ts';
import type { PipelineName } from './pipeline.repository.ts';
import { pipelineKey, type Pipelines } from './pipelines.ts';

const PATIENCE_MS = 5_000;

/** The pipelines of the group, for this process itself: as the gateway sees them. */
export class EveryPipeline {
  constructor(
    private readonly here: Pipelines,
    private readonly holders: Pick<GroupHolders, 'atHolder'>,
    private readonly runtime: Runtime,
  ) {}

  /** Throws `PipelineFailure.missing`, and what the way to its process throws. */
  read(which: PipelineName): Promise<Pipeline> {
    return this.ask(PipelineProtocol.read, which, undefined, () => this.here.read(which));
  }

  /** Lets it run, made as by default where there is none. False when it did already. */
  async start(which: PipelineName): Promise<boolean> {
    const found = await this.read(which).catch((failure: unknown) => {
      if (!isFailure(failure) || failure.kind !== 'missing') throw failure;
      return undefined;
    });
    if (found?.running) return false;
    if (!found) {
      const settings = PipelineSettings.parse({});
      await this.ask(PipelineProtocol.configure, which, settings, (id) => this.here.configure(which, settings, id));
    }
    await this.ask(PipelineProtocol.start, which, undefined, (id) => this.here.start(which, id));
    return true;
  }

  async stop(which: PipelineName): Promise<void> {
    await this.ask(PipelineProtocol.stop, which, undefined, (id) => this.here.stop(which, id));
  }

  /** Has dead letters tried again, all or some, by the process that runs the pipeline. */
  redrive(which: PipelineName, body: RedrivePipeline): Promise<RedriveReply> {
    return this.ask(PipelineProtocol.redrive, which, body, async () => ({ redriven: await this.here.redrive(which, body.ids) }));
  }

  private ask<M extends Message>(
    { type }: M, which: PipelineName, body: SentBody<M>, here: (id: string) => Promise<ReplyOf<M>>,
  ): Promise<ReplyOf<M>> {
    const { runtime } = this;
    const { tenant, name: pipeline } = which;
    const deadlineMs = runtime.clock.nowMs() + PATIENCE_MS;
    const id = uuidv7(runtime);
    const header = { id, type, tenant, ...addresseeOf(PipelineProtocol, { pipeline }), traceparent: '', deadlineMs };
    return this.holders.atHolder(pipelineKey(which), { header, body }, () => here(id));
  }
}
