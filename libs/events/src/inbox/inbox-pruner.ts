import { Passes, type PassesOptions } from '@aisle/std';
import type { SqlClient } from '../sql-client.ts';
import { pruneInbox } from './insert-inbox.ts';

/** The inbox, and the retention. */
export interface InboxPrunerOptions extends Omit<PassesOptions, 'everyMs'> {
  /** A client in the schema of the inbox. */
  readonly client: SqlClient;
  /** Younger events stay. Choose it longer than any of them may come again. */
  readonly retentionMs: number;
}

const EVERY_MS = 60 * 60_000;
/** The bound of one statement, so that it is short. */
const EVENTS_A_CALL = 10_000;

/** Deletes old events from an inbox once an hour. Without it an inbox grows for ever. */
export class InboxPruner extends Passes {
  constructor(private readonly options: InboxPrunerOptions) {
    super({ ...options, everyMs: EVERY_MS });
  }

  protected async run(): Promise<void> {
    const { client, retentionMs } = this.options;
    let forgotten = EVENTS_A_CALL;
    while (forgotten === EVENTS_A_CALL && !this.isStopped) forgotten = await pruneInbox(client, retentionMs, EVENTS_A_CALL);
  }
}
