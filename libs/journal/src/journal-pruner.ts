import { Passes, type PassesOptions } from '@aisle/std';
import type { Journal } from './journal.ts';

/** Which journal is pruned, which part of it, and how much of it stays. */
export interface JournalPrunerOptions extends Omit<PassesOptions, 'everyMs'> {
  readonly journal: Pick<Journal, 'prune'>;
  /** The shards that are this node's to look after, right now. */
  readonly heldShards: () => readonly number[];
  /** Rows younger than this stay; never less than 24 hours, for which a retry gets its first answer. */
  readonly retentionMs: number;
}

const EVERY_MS = 60 * 60_000;
/** A call is one transaction: short enough to hinder nobody. */
const ACTORS_A_CALL = 100;

/**
 * Deletes what nobody needs any more, once an hour, of one shard after another: what lies below a snapshot
 * that is old enough and read by every consumer. Without it a journal grows for ever.
 */
export class JournalPruner extends Passes {
  constructor(private readonly options: JournalPrunerOptions) {
    super({ ...options, everyMs: EVERY_MS });
  }

  protected async run(): Promise<void> {
    const { journal, heldShards, retentionMs } = this.options;
    for (const shard of heldShards()) {
      let deleted = 1;
      while (deleted > 0 && !this.isStopped) deleted = await journal.prune(shard, { retentionMs, actorsMax: ACTORS_A_CALL });
    }
  }
}
