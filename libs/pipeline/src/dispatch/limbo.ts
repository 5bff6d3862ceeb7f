import type { Origin } from './delivery.ts';
import type { Holder, Retries } from './retries.ts';

/** The wait between attempts if no backoff is given: without it a failing key would be tried without end. */
const WAIT_MS = 100;
const WAIT_MAX_MS = 10_000;

/** An event whose place is unknown. */
export interface Undecided<E> {
  readonly event: E;
  readonly origin: Origin;
  /** Puts the event into its lane. Throws the error of its key or selector. */
  place(): void;
}

interface Entry<E> extends Undecided<E> {
  tries: number;
}

/**
 * Events whose key or selector threw. The failure belongs to this event alone, and the rest of its batch goes on. The
 * event is tried again by the rules of the retries, until it has a place or is given up.
 */
export class Limbo<E> {
  /** The number of events in limbo. */
  waiting = 0;
  /** Events whose process is gone, and has no successor yet. */
  private readonly resting: Entry<E>[] = [];

  constructor(
    private readonly retries: Retries<E>,
    private readonly holder: () => Holder | undefined,
  ) {}

  add({ event, origin, place }: Undecided<E>, error: unknown): void {
    origin.open += 1;
    this.waiting += 1;
    this.failed({ event, origin, place, tries: 0 }, error);
  }

  /** Passes the resting events to a new process. */
  takeOver(): void {
    for (const entry of this.resting.splice(0)) this.wait(entry);
  }

  private failed(entry: Entry<E>, error: unknown): void {
    entry.tries += 1;
    this.holder()?.report(error, entry.tries === 1);
    if (!this.retries.isLost(entry.tries)) return this.wait(entry);
    this.retries.bury(entry.event, entry.tries, {
      taken: () => this.leave(entry),
      refused: () => this.wait(entry),
    });
  }

  private wait(entry: Entry<E>): void {
    const waitMs = this.retries.waitMs(entry.tries - 1) || Math.min(WAIT_MS * 2 ** (entry.tries - 1), WAIT_MAX_MS);
    this.holder()?.after(waitMs, () => this.again(entry));
  }

  private again(entry: Entry<E>): void {
    if (this.holder()?.isAlive !== true) return void this.resting.push(entry);
    try {
      entry.place();
    } catch (error) {
      return this.failed(entry, error);
    }
    this.leave(entry);
  }

  private leave({ origin }: Entry<E>): void {
    this.waiting -= 1;
    origin.settle();
    this.holder()?.wake();
  }
}
