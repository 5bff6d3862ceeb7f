import type { Runtime, Timer } from '@aisle/std';

/** Something that is due at a time; the row that says so is the caller's, in PostgreSQL. */
export interface Due {
  /** Any text; scheduled twice it wakes once, or twice, so what is done then is idempotent. */
  readonly id: string;
  /** Milliseconds since 1970-01-01T00:00Z. */
  readonly dueAtMs: number;
}

/** What both kinds of wake-ups are made of. */
export interface WakeupsOptions {
  readonly runtime: Runtime;
  /**
   * These are due, about now: the rows say whether they still are. Called with several at once, and with some again;
   * what it throws is reported, and the sweep brings them back.
   */
  readonly onDue: (ids: readonly string[]) => Promise<void>;
  /**
   * The truth: up to `limit` rows that are due by `byMs` and not dealt with, the oldest first. Asked every `sweepMs`,
   * so that a wake-up that was lost, with a flushed Redis or a killed process, costs time and nothing else.
   */
  readonly findDue: (byMs: number, limit: number) => Promise<readonly Due[]>;
  /** Time from one sweep to the next; 5,000 ms unless told. */
  readonly sweepMs?: number | undefined;
  readonly onFailed?: ((error: unknown) => void) | undefined;
}

/** Wakes its owner when things are due. It keeps nothing that the owner's rows do not say. */
export interface Wakeups {
  /** Wakes for each at its time; after the commit that wrote their rows. Lost if it rejects or the process dies. */
  schedule(due: readonly Due[]): Promise<void>;
  close(): Promise<void>;
}

const SWEEP_MS = 5_000;
const SWEEP_MAX = 1_000;

/** Asks the rows what is due, again and again; one ask at a time. */
export class Sweeper {
  private timer: Timer | undefined;
  private sweeping: Promise<void> | undefined;
  private closed = false;

  constructor(
    private readonly options: WakeupsOptions,
    private readonly wakeFor: (due: readonly Due[]) => Promise<void>,
  ) {
    this.next();
  }

  async close(): Promise<void> {
    this.closed = true;
    this.timer?.cancel();
    await this.sweeping;
  }

  private next(): void {
    if (this.closed) return;
    const { runtime, sweepMs = SWEEP_MS } = this.options;
    this.timer = runtime.timers.after(sweepMs, () => {
      this.sweeping = this.sweep().finally(() => this.next());
    }, { background: true });
  }

  private async sweep(): Promise<void> {
    const { runtime, findDue, onFailed } = this.options;
    try {
      const due = await findDue(runtime.clock.nowMs(), SWEEP_MAX);
      if (due.length > 0 && !this.closed) await this.wakeFor(due);
    } catch (error) {
      onFailed?.(error);
    }
  }
}
