import type { Runtime } from '@aisle/std';

/** A row's id and due time. The row itself is the caller's, in PostgreSQL. */
export interface Due {
  readonly id: string;
  /** Milliseconds since 1970-01-01T00:00Z. */
  readonly dueAtMs: number;
}

/** The options of both kinds of wake-ups. */
export interface WakeupsOptions {
  readonly runtime: Runtime;
  /**
   * The truth: up to `limit` rows that are due by `byMs` and not handled, oldest first. It is called when a scheduled
   * time has come, and every `sweepMs` in any case. So a wake-up that is lost, with a flushed Redis or a killed
   * process, costs only time.
   */
  readonly findDue: (byMs: number, limit: number) => Promise<readonly Due[]>;
  /**
   * Handles due rows, up to 1,000 at once. Another process may get the same ones, so it must be idempotent. An error is
   * reported, and the sweep repeats the rows. Unless a dependency is away it is then called with halves of them, until
   * the failing rows are found.
   */
  readonly onDue: (ids: readonly string[]) => Promise<void>;
  /** The time between sweeps; 5,000 ms by default. */
  readonly sweepMs?: number | undefined;
  /** Wake-ups within this time are merged; 200 ms by default. The same in all processes. */
  readonly slotMs?: number | undefined;
  readonly onFailed?: ((error: unknown) => void) | undefined;
}

/** Wakes its owner when rows are due. It keeps nothing that the owner's rows do not contain. */
export interface Wakeups {
  /**
   * Schedules a wake-up at the time of each. Call it after the commit that wrote their rows. One slot of time costs one
   * wake-up, however often it is scheduled.
   */
  schedule(due: readonly Due[]): Promise<void>;
  close(): Promise<void>;
}
