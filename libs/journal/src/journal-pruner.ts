import { Passes, type PassesOptions } from '@aisle/std';
import type { Journal } from './journal.ts';

/** The journal, its shards held here, and the retention. */
export interface JournalPrunerOptions extends Omit<PassesOptions, 'everyMs'> {
  readonly journal: Pick<Journal, 'prune'>;
  /** The shards that this node looks after at this moment. */
  readonly heldShards: () => readonly number[];
  /** The age up to which rows are kept; never less than 24 hours, during which a retry gets its first answer. */
  readonly retentionMs: number;
}

const EVERY_MS = 60 * 60_000;
/** The bound of one transaction, so that it is short. */
const ACTORS_A_CALL = 100;

/**
 * Deletes unneeded rows once an hour, one shard after another: those below a snapshot that is old enough and that every
 * consumer has read. Without it a journal grows for ever.
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
