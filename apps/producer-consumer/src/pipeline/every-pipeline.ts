import { PIPELINE_MESSAGES, PipelineSettings, type Pipeline, type RedrivePipeline, type RedriveReply } from '@aisle/contracts';
import { isFailure, uuidv7, type Runtime } from '@aisle/std';
import type { Holders } from '../holder/holder.ts';
import type { PipelineName } from './pipeline.repository.ts';
import { pipelineKey, type Pipelines } from './pipelines.ts';

const PATIENCE_MS = 5_000;

/** The pipelines of the group, for this process itself: as the gateway sees them. */
export class EveryPipeline {
  constructor(
    private readonly here: Pipelines,
    private readonly holders: Holders,
    private readonly runtime: Runtime,
  ) {}

  /** Throws `PipelineMissing`, and what the way to its process throws. */
  read(which: PipelineName): Promise<Pipeline> {
    return this.ask(PIPELINE_MESSAGES.read, which, {}, () => this.here.read(which));
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
      await this.ask(PIPELINE_MESSAGES.configure, which, settings, (id) => this.here.configure(which, settings, id));
    }
    await this.ask(PIPELINE_MESSAGES.start, which, {}, (id) => this.here.start(which, id));
    return true;
  }

  async stop(which: PipelineName): Promise<void> {
    await this.ask(PIPELINE_MESSAGES.stop, which, {}, (id) => this.here.stop(which, id));
  }

  /** Has dead letters tried again, all or some, by the process that runs the pipeline. */
  redrive(which: PipelineName, body: RedrivePipeline): Promise<RedriveReply> {
    return this.ask(PIPELINE_MESSAGES.redrive, which, body, async () => ({ redriven: await this.here.redrive(which, body.ids) }));
  }

  private ask<T>(type: string, which: PipelineName, body: unknown, here: (id: string) => Promise<T>): Promise<T> {
    const { runtime } = this;
    const { tenant, name: actor } = which;
    const deadlineMs = runtime.clock.nowMs() + PATIENCE_MS;
    const id = uuidv7(runtime);
    const header = { id, type, tenant, market: 'all', actor, traceparent: '', deadlineMs };
    return this.holders.atHolder(pipelineKey(which), { header, body }, () => here(id));
  }
}
