import type { Runtime } from '@aisle/std';
import { PipelineFailure } from '../failures.ts';
import { ended } from '../stage/producer.ts';
import type { OpenSource } from './source.ts';

/**
 * The elements of an iterable, sync or async, in order. All producers and all their starts share one iterator, so no
 * element is given twice. An error of the iterator crashes its producer, which then goes on with the next element. If
 * none follows, as after an error in a generator, the source has failed: its end is not the end of the data.
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
  /** The error that followed some elements, which had to leave first. */
  private failure: { readonly error: unknown } | undefined = undefined;
  /** The error with which the iterator ended its last step. */
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
    if (this.broken !== undefined) throw PipelineFailure.sourceFailed(this.broken.error).causedBy(this.broken.error);
    return ended;
  }

  private rethrow(): void {
    const { failure } = this;
    this.failure = undefined;
    if (failure !== undefined) throw failure.error;
  }
}

class AsyncReader<E> {
  /** An element that was asked for and has not come. */
  private pending: Promise<IteratorResult<E>> | undefined = undefined;
  /** The error with which the iterator rejected its last step. */
  private broken: { readonly error: unknown } | undefined = undefined;
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly iterator: AsyncIterator<E>) {}

  /** One read at a time, even if the predecessor of a producer still waits for one. */
  read(demand: number, runtime: Runtime): Promise<readonly E[] | typeof ended> {
    const reading = this.last.then(() => this.readNow(demand, runtime));
    this.last = reading.catch(() => undefined);
    return reading;
  }

  /** Waits for one element, and adds those that are ready by the end of the event loop's turn. */
  private async readNow(demand: number, runtime: Runtime): Promise<readonly E[] | typeof ended> {
    const first = await this.peek().catch((error: unknown) => {
      this.pending = undefined;
      this.broken = { error };
      throw error;
    });
    if (first.done) {
      // Kept, because a broken iterator is not asked again.
      if (this.broken !== undefined) throw PipelineFailure.sourceFailed(this.broken.error).causedBy(this.broken.error);
      this.pending = undefined;
      return ended;
    }
    this.pending = undefined;
    this.broken = undefined;
    const events = [first.value];
    const late = new Promise<undefined>((resolve) => runtime.defer(() => resolve(undefined)));
    while (events.length < demand) {
      // Late elements, errors and the end are left to the next read.
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
