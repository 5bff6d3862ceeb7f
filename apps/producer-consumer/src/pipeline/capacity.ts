import type { PipelineSettings } from '@aisle/contracts';
import { PipelineFailure } from './pipeline-failures.ts';

/** What a pipeline asks of its process, or all of them together. */
export interface Load {
  /** Events that its producers may make in a second. */
  readonly eventsPerSecond: number;
  /** Events that may be with its consumers without being acknowledged: each is memory. */
  readonly eventsUnderWay: number;
  /** Producers and consumers. */
  readonly stages: number;
}

const MEASURES = ['eventsPerSecond', 'eventsUnderWay', 'stages'] as const;

/** What a pipeline with these settings asks for. */
function loadOf({ producerCount, consumerCount, rate, demand }: PipelineSettings): Load {
  return {
    eventsPerSecond: producerCount * rate,
    eventsUnderWay: producerCount * consumerCount * demand,
    stages: producerCount + consumerCount,
  };
}

/** What the pipelines of a process may ask for all together. `Holder` is what has a part of it. */
export class Capacity<Holder extends object> {
  private readonly loads = new Map<Holder, Load>();

  constructor(private readonly max: Load) {}

  /** Throws `PipelineFailure.tooBig` for settings that would not fit if no other pipeline ran. */
  checkAlone(settings: PipelineSettings): void {
    const load = loadOf(settings);
    for (const what of MEASURES) {
      if (load[what] > this.max[what]) throw PipelineFailure.tooBig({ what, wanted: load[what], max: this.max[what] });
    }
  }

  /** Throws `PipelineFailure.tooBig`, or `PipelineFailure.full` where others than `holder` leave no room for these settings. */
  check(settings: PipelineSettings, holder: Holder): void {
    this.checkAlone(settings);
    const load = loadOf(settings);
    for (const what of MEASURES) {
      const taken = this.taken(what, holder);
      if (taken + load[what] > this.max[what]) throw PipelineFailure.full({ what, wanted: load[what], taken, max: this.max[what] });
    }
  }

  /** Settings of the holder from now on, which have been checked. */
  take(holder: Holder, settings: PipelineSettings): void {
    this.loads.set(holder, loadOf(settings));
  }

  release(holder: Holder): void {
    this.loads.delete(holder);
  }

  /** By all but one. */
  private taken(what: keyof Load, but: Holder): number {
    let taken = 0;
    for (const [holder, load] of this.loads) if (holder !== but) taken += load[what];
    return taken;
  }
}
