import type { Journal } from '../journal.ts';
import type { RecordedRow } from '../journal-storage.ts';

/** The part of the journal that a reader of its rows uses. */
export type ReadableJournal = Pick<Journal, 'readAfter' | 'checkpoints' | 'saveCheckpoints' | 'history'>;

/** A consumer of a journal's rows. */
export interface TailConsumer {
  /** The name of its checkpoints. Call `Journal.forgetConsumer` when it retires. */
  readonly consumer: string;
  /**
   * Handles one row of a page. False, or a temporary failure, keeps it and all later rows of its shard for a later
   * pass. After any other error only the row itself is kept, and tried again less and less often. A row may come again
   * after a crash, or when its shard has moved.
   */
  take(row: RecordedRow, page: readonly RecordedRow[]): Promise<boolean>;
}

/** True if the actor of this row has a later command. */
export async function hasYounger(
  journal: Pick<Journal, 'history'>,
  row: RecordedRow,
  page: readonly RecordedRow[],
): Promise<boolean> {
  if (page.some(({ actor, seq }) => actor === row.actor && seq > row.seq)) return true;
  return (await journal.history(row, row.seq, 1)).length > 0;
}
