import type { PipelineSettings } from '@aisle/contracts';
import { PipelineFailure } from './pipeline-failures.ts';

/** The load of a pipeline on its process, or the limit for all pipelines of a process. */
export interface Load {
  /** Events that the producers may make per second. */
  readonly eventsPerSecond: number;
  /** Events that consumers may have without having acknowledged them. Each takes memory. */
  readonly eventsUnderWay: number;
  /** The number of producers and consumers. */
  readonly stages: number;
}

const MEASURES = ['eventsPerSecond', 'eventsUnderWay', 'stages'] as const;

/** The load of a pipeline with these settings. */
function loadOf({ producerCount, consumerCount, rate, demand }: PipelineSettings): Load {
  return {
    eventsPerSecond: producerCount * rate,
    eventsUnderWay: producerCount * consumerCount * demand,
    stages: producerCount + consumerCount,
  };
}

/** The capacity of a process for pipelines. A `Holder`, such as a run, takes a part of it. */
export class Capacity<Holder extends object> {
  private readonly loads = new Map<Holder, Load>();

  constructor(private readonly max: Load) {}

  /** Throws `PipelineFailure.tooBig` for settings that would not fit even if no other pipeline ran. */
  checkAlone(settings: PipelineSettings): void {
    const load = loadOf(settings);
    for (const what of MEASURES) {
      if (load[what] > this.max[what]) throw PipelineFailure.tooBig({ what, wanted: load[what], max: this.max[what] });
    }
  }

  /** Throws `PipelineFailure.tooBig`, or `PipelineFailure.full` if the other holders leave too little capacity for these settings. */
  check(settings: PipelineSettings, holder: Holder): void {
    this.checkAlone(settings);
    const load = loadOf(settings);
    for (const what of MEASURES) {
      const taken = this.taken(what, holder);
      if (taken + load[what] > this.max[what]) throw PipelineFailure.full({ what, wanted: load[what], taken, max: this.max[what] });
    }
  }

  /** Takes the capacity for the settings of a holder, which replaces its earlier part. Call `check` first. */
  take(holder: Holder, settings: PipelineSettings): void {
    this.loads.set(holder, loadOf(settings));
  }

  release(holder: Holder): void {
    this.loads.delete(holder);
  }

  /** The load of all other holders. */
  private taken(what: keyof Load, but: Holder): number {
    let taken = 0;
    for (const [holder, load] of this.loads) if (holder !== but) taken += load[what];
    return taken;
  }
}
