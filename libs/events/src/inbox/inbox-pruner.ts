import type { Runtime, Timer } from '@aisle/std';
import type { SqlClient } from '../sql-client.ts';
import { pruneInbox } from './insert-inbox.ts';

/** Which inbox is pruned, and how much of it stays. */
export interface InboxPrunerOptions {
  /** In the schema of the inbox. */
  readonly client: SqlClient;
  /** Events noted later than this stay: longer than any of them may come again. */
  readonly retentionMs: number;
  readonly runtime: Runtime;
  /** A pass failed; the next one tries again. */
  readonly onFailed: (error: unknown) => void;
}

const EVERY_MS = 60 * 60_000;
/** A call is one statement: short enough to hinder nobody. */
const EVENTS_A_CALL = 10_000;

/** Forgets, once an hour, which events had their effect long ago. Without it an inbox grows for ever. */
export class InboxPruner {
  private timer: Timer | undefined;
  private passing: Promise<void> | undefined;
  private stopped = false;

  constructor(private readonly options: InboxPrunerOptions) {}

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

  /** Forgets all that may go. */
  pass(): Promise<void> {
    this.passing ??= this.prune()
      .catch(this.options.onFailed)
      .finally(() => (this.passing = undefined));
    return this.passing;
  }

  private async prune(): Promise<void> {
    const { client, retentionMs } = this.options;
    let forgotten = EVENTS_A_CALL;
    while (forgotten === EVENTS_A_CALL && !this.stopped) forgotten = await pruneInbox(client, retentionMs, EVENTS_A_CALL);
  }
}
