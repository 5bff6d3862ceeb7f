import type { Runtime } from '@aisle/std';
import { SourceFailed } from '../failures.ts';
import { ended } from '../stage/producer.ts';
import type { OpenSource } from './source.ts';

/**
 * The elements of an iterable, sync or async, in order. There is one iterator for all producers and all their
 * starts, so nothing is given twice. One that throws crashes its producer, which goes on with what
 * follows. Where nothing follows, as after a throw in a generator, the source has failed: its end is not the end of the data.
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
  /** The last thing that the iterator did was to throw this. */
  private broken: { readonly error: unknown } | undefined = undefined;

  constructor(private readonly iterator: Iterator<E>) {}

  read(demand: number): readonly E[] | typeof ended {
    const events: E[] = [];
    try {
      this.rethrow();
      while (events.length < demand) {
        const next = this.iterator.next();
        if (next.done) break;
        this.broken = undefined;
        events.push(next.value);
      }
    } catch (error) {
      this.broken = { error };
      if (events.length === 0) throw error;
      this.failure = { error };
    }
    if (events.length > 0) return events;
    if (this.broken !== undefined) throw new SourceFailed(this.broken.error);
    return ended;
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
  /** The last thing that the iterator did was to reject with this. */
  private broken: { readonly error: unknown } | undefined = undefined;
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
      this.broken = { error };
      throw error;
    });
    if (first.done) {
      // Kept: a broken iterator is not asked again.
      if (this.broken !== undefined) throw new SourceFailed(this.broken.error);
      this.pending = undefined;
      return ended;
    }
    this.pending = undefined;
    this.broken = undefined;
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
