import {
  PipelineProtocol, PipelineSettings, addresseeOf, type Message, type Pipeline, type RedrivePipeline, type RedriveReply, type ReplyOf,
  type SentBody,
} from '@aisle/contracts';
import { isFailure, uuidv7, type Runtime } from '@aisle/std';
import type { GroupHolders } from '../holder/holder.ts';
import type { PipelineName } from './pipeline.repository.ts';
import { pipelineKey, type Pipelines } from './pipelines.ts';

const PATIENCE_MS = 5_000;

/** All pipelines of the group, for requests of this process itself. */
export class GroupPipelines {
  constructor(
    private readonly local: Pipelines,
    private readonly holders: Pick<GroupHolders, 'atHolder'>,
    private readonly runtime: Runtime,
  ) {}

  /** Throws `PipelineFailure.missing`, or the failure of the request to the process that runs the pipeline. */
  read(which: PipelineName): Promise<Pipeline> {
    return this.ask(PipelineProtocol.read, which, undefined, () => this.local.read(which));
  }

  /** Starts a pipeline, which is created with the default settings if it does not exist. Resolves with false if it already runs. */
  async start(which: PipelineName): Promise<boolean> {
    const found = await this.read(which).catch((failure: unknown) => {
      if (!isFailure(failure) || failure.kind !== 'missing') throw failure;
      return undefined;
    });
    if (found?.running) return false;
    if (!found) {
      const settings = PipelineSettings.parse({});
      await this.ask(PipelineProtocol.configure, which, settings, (id) => this.local.configure(which, settings, id));
    }
    await this.ask(PipelineProtocol.start, which, undefined, (id) => this.local.start(which, id));
    return true;
  }

  async stop(which: PipelineName): Promise<void> {
    await this.ask(PipelineProtocol.stop, which, undefined, (id) => this.local.stop(which, id));
  }

  /** Redrives dead letters, all unless `body` has ids, in the process that runs the pipeline. */
  redrive(which: PipelineName, body: RedrivePipeline): Promise<RedriveReply> {
    return this.ask(PipelineProtocol.redrive, which, body, async () => ({ redriven: await this.local.redrive(which, body.ids) }));
  }

  private ask<M extends Message>(
    { type }: M, which: PipelineName, body: SentBody<M>, runHere: (id: string) => Promise<ReplyOf<M>>,
  ): Promise<ReplyOf<M>> {
    const { runtime } = this;
    const { tenant, name: pipeline } = which;
    const deadlineMs = runtime.clock.nowMs() + PATIENCE_MS;
    const id = uuidv7(runtime);
    const header = { id, type, tenant, ...addresseeOf(PipelineProtocol, { pipeline }), traceparent: '', deadlineMs };
    return this.holders.atHolder(pipelineKey(which), { header, body }, () => runHere(id));
  }
}
