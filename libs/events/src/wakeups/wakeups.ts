import type { Runtime } from '@aisle/std';

/** Something that is due at a time; the row that says so is the caller's, in PostgreSQL. */
export interface Due {
  readonly id: string;
  /** Milliseconds since 1970-01-01T00:00Z. */
  readonly dueAtMs: number;
}

/** What both kinds of wake-ups are made of. */
export interface WakeupsOptions {
  readonly runtime: Runtime;
  /**
   * The truth: up to `limit` rows that are due by `byMs` and not dealt with, the oldest first. Asked when something was
   * scheduled for about now, and every `sweepMs` in any case, so that a wake-up that was lost, with a flushed Redis or
   * a killed process, costs time and nothing else.
   */
  readonly findDue: (byMs: number, limit: number) => Promise<readonly Due[]>;
  /**
   * These are due: as many at once as there are, up to 1,000. Another process may be given the same, so what is done is
   * idempotent. What it throws is reported, and the sweep brings them back; unless somebody is away it is called with
   * halves of them then, until those are found that can't be dealt with.
   */
  readonly onDue: (ids: readonly string[]) => Promise<void>;
  /** Time from one sweep to the next; 5,000 ms unless told. */
  readonly sweepMs?: number | undefined;
  /** Wake-ups within so long of each other are one; 200 ms unless told. Same in all processes. */
  readonly slotMs?: number | undefined;
  readonly onFailed?: ((error: unknown) => void) | undefined;
}

/** Wakes its owner when things are due. It keeps nothing that the owner's rows do not say. */
export interface Wakeups {
  /**
   * Wakes for each at its time; called after the commit that wrote their rows. One slot of time costs one wake-up, however
   * often it is scheduled.
   */
  schedule(due: readonly Due[]): Promise<void>;
  close(): Promise<void>;
}
