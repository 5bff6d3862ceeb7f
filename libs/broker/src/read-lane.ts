import type { Runtime, Timer } from '@aisle/std';

import { BrokerFailure } from './failures.ts';

/** The bounds of a lane. */
export interface ReadLaneOptions {
  readonly runtime: Pick<Runtime, 'clock' | 'timers'>;
  /** Concurrent reads. */
  readonly atOnce: number;
  /**
   * Waiting reads; 512 by default. Keep it below the receiver's bound on messages, so that other messages still get in.
   */
  readonly waitingMax?: number;
}

/** A caller that waits for the answer to a question. */
interface Reader {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: Timer;
}

interface Waiting {
  readonly ask: () => Promise<unknown>;
  readonly readers: Set<Reader>;
}

/** A read is refused when so little time is left: enough to send the refusal, too little to read. */
const REFUSED_BEFORE_MS = 500;

/**
 * Runs a few reads at a time, so that other work finds free connections. Further reads wait in order, as long as their
 * deadlines allow. Callers of a question that is still waiting share one read. That read starts after all of them came,
 * so no caller gets an older answer.
 */
export class ReadLane {
  private underWay = 0;
  private readerCount = 0;
  private readonly waiting = new Map<string, Waiting>();

  constructor(private readonly options: ReadLaneOptions) {}

  /**
   * Runs `ask`, or joins the caller that already waits with the same question. Throws `BrokerFailure.readsFull` or
   * `BrokerFailure.noTurn`, and whatever `ask` throws.
   */
  run<T>(question: string, deadlineMs: number, ask: () => Promise<T>): Promise<T> {
    const { atOnce, waitingMax = 512, runtime: { clock, timers } } = this.options;
    if (this.underWay < atOnce) return this.begin(ask);
    if (this.readerCount >= waitingMax) return Promise.reject(BrokerFailure.readsFull(waitingMax));
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
    reader.reject(BrokerFailure.noTurn());
  }
}
