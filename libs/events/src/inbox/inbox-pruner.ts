import { Passes, type PassesOptions } from '@aisle/std';
import type { SqlClient } from '../sql-client.ts';
import { pruneInbox } from './insert-inbox.ts';

/** Which inbox is pruned, and how much of it stays. */
export interface InboxPrunerOptions extends Omit<PassesOptions, 'everyMs'> {
  /** In the schema of the inbox. */
  readonly client: SqlClient;
  /** Events noted later than this stay: longer than any of them may come again. */
  readonly retentionMs: number;
}

const EVERY_MS = 60 * 60_000;
/** A call is one statement: short enough to hinder nobody. */
const EVENTS_A_CALL = 10_000;

/** Forgets, once an hour, which events had their effect long ago. Without it an inbox grows for ever. */
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
