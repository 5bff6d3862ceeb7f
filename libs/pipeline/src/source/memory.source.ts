import { ended } from '../stage/producer.ts';
import type { OpenSource } from './source.ts';

/**
 * A list in memory that acknowledges as streams and topics do. For tests, and for events that the process itself makes.
 * `open` is the source.
 */
export class MemorySource<E> {
  /** Acknowledged events, in order of acknowledgement. */
  readonly acked: E[] = [];
  private readonly waiting: E[] = [];
  private readonly pending = new Set<readonly E[]>();
  private readonly wakes = new Set<() => void>();
  private isClosed = false;

  constructor(events: Iterable<E> = []) {
    for (const event of events) this.waiting.push(event);
  }

  /** Fetched events that are not acknowledged. */
  get unacked(): number {
    let count = 0;
    for (const { length } of this.pending) count += length;
    return count;
  }

  push(...events: E[]): void {
    this.waiting.push(...events);
    this.wakeAll();
  }

  /** Declares that no more events will be pushed. */
  close(): void {
    this.isClosed = true;
    this.wakeAll();
  }

  readonly open: OpenSource<E> = ({ wake }) => {
    this.wakes.add(wake);
    return {
      fetch: (demand) => {
        if (this.waiting.length === 0) return this.isClosed ? ended : [];
        const batch = this.waiting.splice(0, demand);
        this.pending.add(batch);
        return batch;
      },
      ack: (batch) => {
        this.pending.delete(batch);
        for (const event of batch) this.acked.push(event);
      },
      close: () => void this.wakes.delete(wake),
    };
  };

  private wakeAll(): void {
    for (const wake of this.wakes) wake();
  }
}
