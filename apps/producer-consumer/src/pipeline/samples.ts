import type { WatchReply } from '@aisle/contracts';


type Sample = WatchReply['samples'][number];

/** Keeps the last samples of a pipeline, for watchers that were disconnected for a while. */
export class Samples {
  private readonly samples: Sample[] = [];

  constructor(private readonly max: number) {}

  /** Adds a sample. Its id is the time, so that ids also grow from one process to the next. */
  add(nowMs: number, pipeline: Sample['pipeline']): void {
    this.samples.push({ id: Math.max(Math.floor(nowMs), (this.samples.at(-1)?.id ?? 0) + 1), pipeline });
    if (this.samples.length > this.max) this.samples.shift();
  }

  /** The samples after an id; only the latest if some of them are gone or no id is given. */
  after(id: number | undefined): WatchReply {
    const [oldest] = this.samples;
    const missed = id !== undefined && oldest !== undefined && id < oldest.id;
    if (id === undefined || missed) return { samples: this.samples.slice(-1), missed };
    return { samples: this.samples.filter((sample) => sample.id > id), missed };
  }
}
