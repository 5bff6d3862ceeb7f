import type { Runtime, Timer } from '@aisle/std';
import { errorFields, type Logger } from '@aisle/platform';
import type { Pipelines } from './pipelines.ts';

const EVERY_MS = 2_000;

/** Starts pipelines that should run and that no process runs. It checks every 2 s. */
export class PipelineResumer {
  private timer: Timer | undefined;

  constructor(private readonly options: {
    readonly pipelines: Pick<Pipelines, 'resume'>;
    readonly runtime: Pick<Runtime, 'timers'>;
    readonly logger: Logger;
  }) {}

  async start(): Promise<void> {
    await this.pass();
    this.timer = this.options.runtime.timers.every(EVERY_MS, () => void this.pass(), { background: true });
  }

  stop(): void {
    this.timer?.cancel();
  }

  private async pass(): Promise<void> {
    const { pipelines, logger } = this.options;
    await pipelines.resume().catch((error: unknown) => logger.warn('pipelines not resumed', errorFields(error)));
  }
}
