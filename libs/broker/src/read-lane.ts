import type { Runtime, Timer } from '@aisle/std';

import { NoTurn, ReadsFull } from './failures.ts';

/** How much a lane takes. */
export interface ReadLaneOptions {
  readonly runtime: Pick<Runtime, 'clock' | 'timers'>;
  /** Reads under way at once. */
  readonly atOnce: number;
  /** Reads that wait; 512 by default. Fewer than a receiver has under way, so that others still get in. */
  readonly waitingMax?: number;
}

/** Who waits for the answer to a question. */
interface Reader {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: Timer;
}

interface Waiting {
  readonly ask: () => Promise<unknown>;
  readonly readers: Set<Reader>;
}

/** What is left of its time when a read is refused its turn: enough to say so, and too little to read. */
const REFUSED_BEFORE_MS = 500;

/**
 * Lets a few reads run at once, so that they leave connections to others. The rest waits in the order in which it came, as
 * long as there is time. A question that waits already is not asked twice: it is asked after all of its readers came, so none
 * gets an answer from before its time.
 */
export class ReadLane {
  private underWay = 0;
  private readerCount = 0;
  private readonly waiting = new Map<string, Waiting>();

  constructor(private readonly options: ReadLaneOptions) {}

  /** Asks `question`, or who has asked the same is answered. Throws `ReadsFull` or `NoTurn`, and what `ask` throws. */
  run<T>(question: string, deadlineMs: number, ask: () => Promise<T>): Promise<T> {
    const { atOnce, waitingMax = 512, runtime: { clock, timers } } = this.options;
    if (this.underWay < atOnce) return this.begin(ask);
    if (this.readerCount >= waitingMax) return Promise.reject(new ReadsFull(waitingMax));
    const entry = this.waiting.get(question) ?? { ask, readers: new Set<Reader>() };
    this.waiting.set(question, entry);
    this.readerCount += 1;
    return new Promise<T>((resolve, reject) => {
      const waitMs = Math.max(0, deadlineMs - clock.nowMs() - REFUSED_BEFORE_MS);
      const timer = timers.after(waitMs, () => this.refuse(question, entry, reader));
      const reader: Reader = { resolve: resolve as Reader['resolve'], reject, timer };
      entry.readers.add(reader);
    });
  }

  private async begin<T>(ask: () => Promise<T>): Promise<T> {
    this.underWay += 1;
    try {
      return await ask();
    } finally {
      this.underWay -= 1;
      this.next();
    }
  }

  private next(): void {
    const [first] = this.waiting;
    if (!first) return;
    const [question, { ask, readers }] = first;
    this.waiting.delete(question);
    this.readerCount -= readers.size;
    for (const { timer } of readers) timer.cancel();
    this.begin(ask).then(
      (answer) => readers.forEach(({ resolve }) => resolve(answer)),
      (error: unknown) => readers.forEach(({ reject }) => reject(error)),
    );
  }

  private refuse(question: string, entry: Waiting, reader: Reader): void {
    entry.readers.delete(reader);
    this.readerCount -= 1;
    if (entry.readers.size === 0) this.waiting.delete(question);
    reader.reject(new NoTurn());
  }
}
