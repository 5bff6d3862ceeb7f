import type { Runtime } from '@aisle/std';
import { ended } from '../stage/producer.ts';
import type { OpenSource } from './source.ts';

/**
 * The elements of an iterable, sync or async, in order. There is one iterator for all producers and all their
 * starts, so nothing is given twice. One that throws crashes its producer, which goes on with what
 * follows, as far as the iterator does.
 */
export function iterable<E>(elements: Iterable<E> | AsyncIterable<E>): OpenSource<E> {
  if (Symbol.asyncIterator in elements) {
    const reader = new AsyncReader(elements[Symbol.asyncIterator]());
    return ({ runtime }) => ({ fetch: (demand) => reader.read(demand, runtime) });
  }
  const reader = new Reader(elements[Symbol.iterator]());
  return () => ({ fetch: (demand) => reader.read(demand) });
}

class Reader<E> {
  /** What was thrown after some elements that had to leave first. */
  private failure: { readonly error: unknown } | undefined = undefined;

  constructor(private readonly iterator: Iterator<E>) {}

  read(demand: number): readonly E[] | typeof ended {
    const events: E[] = [];
    try {
      this.rethrow();
      while (events.length < demand) {
        const { value, done } = this.iterator.next();
        if (done) break;
        events.push(value);
      }
    } catch (error) {
      if (events.length === 0) throw error;
      this.failure = { error };
    }
    return events.length > 0 ? events : ended;
  }

  private rethrow(): void {
    const { failure } = this;
    this.failure = undefined;
    if (failure !== undefined) throw failure.error;
  }
}

class AsyncReader<E> {
  /** An element that was asked for and not given yet. */
  private pending: Promise<IteratorResult<E>> | undefined = undefined;
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly iterator: AsyncIterator<E>) {}

  /** One read at a time, also where a producer's predecessor still waits for one. */
  read(demand: number, runtime: Runtime): Promise<readonly E[] | typeof ended> {
    const reading = this.last.then(() => this.readNow(demand, runtime));
    this.last = reading.catch(() => undefined);
    return reading;
  }

  /** Waits for one element, and takes those along that are there by the end of the event loop's turn. */
  private async readNow(demand: number, runtime: Runtime): Promise<readonly E[] | typeof ended> {
    const first = await this.peek().catch((error: unknown) => {
      this.pending = undefined;
      throw error;
    });
    this.pending = undefined;
    if (first.done) return ended;
    const events = [first.value];
    const late = new Promise<undefined>((resolve) => runtime.defer(() => resolve(undefined)));
    while (events.length < demand) {
      // What is late, fails or ends is the next read's to find.
      const next = await Promise.race([this.peek(), late]).catch(() => undefined);
      if (next === undefined || next.done) break;
      this.pending = undefined;
      events.push(next.value);
    }
    return events;
  }

  private peek(): Promise<IteratorResult<E>> {
    return (this.pending ??= this.iterator.next());
  }
}
