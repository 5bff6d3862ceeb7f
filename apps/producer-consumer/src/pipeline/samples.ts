import type { WatchReply } from '@aisle/contracts';

/** What was seen of something at a moment. */
type Sample = WatchReply['samples'][number];

/** The last samples of a pipeline, for watchers that were away for a while. */
export class Samples {
  private readonly samples: Sample[] = [];

  constructor(private readonly max: number) {}

  /** Ids are times, so that they rise from one process to the next, too. */
  add(nowMs: number, pipeline: Sample['pipeline']): void {
    this.samples.push({ id: Math.max(Math.floor(nowMs), (this.samples.at(-1)?.id ?? 0) + 1), pipeline });
    if (this.samples.length > this.max) this.samples.shift();
  }

  /** All after that one; the latest alone when some of them are gone, or none was named. */
  after(id: number | undefined): WatchReply {
    const [oldest] = this.samples;
    const missed = id !== undefined && oldest !== undefined && id < oldest.id;
    if (id === undefined || missed) return { samples: this.samples.slice(-1), missed };
    return { samples: this.samples.filter((sample) => sample.id > id), missed };
  }
}
