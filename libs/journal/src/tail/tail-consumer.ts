import type { Journal } from '../journal.ts';
import type { RecordedRow } from '../journal-storage.ts';

/** What of the journal a reader of its rows needs. */
export type ReadableJournal = Pick<Journal, 'readAfter' | 'checkpoints' | 'saveCheckpoints' | 'history'>;

/** Somebody to whom the rows of a journal matter. */
export interface TailConsumer {
  /** The name under which its checkpoints are kept; `Journal.forgetConsumer` when it retires. */
  readonly consumer: string;
  /**
   * Deals with one row of a page; false, or a failure that passes by itself, keeps it, and all that came after it in its
   * shard, for a later pass. After any other error the row alone is kept: it is tried again, less and less often. A row
   * may come again after a crash, or when its shard has moved.
   */
  take(row: RecordedRow, page: readonly RecordedRow[]): Promise<boolean>;
}

/** True when the actor of this row has done something since. */
export async function hasYounger(
  journal: Pick<Journal, 'history'>,
  row: RecordedRow,
  page: readonly RecordedRow[],
): Promise<boolean> {
  if (page.some(({ actor, seq }) => actor === row.actor && seq > row.seq)) return true;
  return (await journal.history(row, row.seq, 1)).length > 0;
}
