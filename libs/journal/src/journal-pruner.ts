import type { Runtime, Timer } from '@aisle/std';
import type { Journal } from './journal.ts';

/** Which journal is pruned, which part of it, and how much of it stays. */
export interface JournalPrunerOptions {
  readonly journal: Pick<Journal, 'prune'>;
  /** The shards that are this node's to look after, right now. */
  readonly heldShards: () => readonly number[];
  /** Rows younger than this stay; never less than 24 hours, for which a retry gets its first answer. */
  readonly retentionMs: number;
  readonly runtime: Runtime;
  /** A pass failed; the next one tries again. */
  readonly onFailed: (error: unknown) => void;
}

const EVERY_MS = 60 * 60_000;
/** A call is one transaction: short enough to hinder nobody. */
const ACTORS_A_CALL = 100;

/**
 * Deletes what nobody needs any more, once an hour, of one shard after another: what lies below a snapshot
 * that is old enough and read by every consumer. Without it a journal grows for ever.
 */
export class JournalPruner {
  private timer: Timer | undefined;
  private passing: Promise<void> | undefined;
  private stopped = false;

  constructor(private readonly options: JournalPrunerOptions) {}

  /** Begins the first pass after an hour, and each next one an hour after the one before has ended. */
  start(): void {
    if (this.stopped) return;
    const again = (): void => this.start();
    this.timer = this.options.runtime.timers.after(EVERY_MS, () => void this.pass().then(again), { background: true });
  }

  /** Ends the pass that is under way with the call that it is at. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.timer?.cancel();
    await this.passing;
  }

  /** Deletes all that may go. */
  pass(): Promise<void> {
    this.passing ??= this.pruneHeld()
      .catch(this.options.onFailed)
      .finally(() => (this.passing = undefined));
    return this.passing;
  }

  private async pruneHeld(): Promise<void> {
    const { journal, heldShards, retentionMs } = this.options;
    for (const shard of heldShards()) {
      let deleted = 1;
      while (deleted > 0 && !this.stopped) deleted = await journal.prune(shard, { retentionMs, actorsMax: ACTORS_A_CALL });
    }
  }
}
