import type { MaybePromise } from '@aisle/supervision';
import { ended } from '../stage/producer.ts';
import type { RateLimit } from './rate-limit.ts';
import { isHere, type Fetched, type OpenSource, type Source, type SourceContext } from './source.ts';

/** Fetches from another source no faster than a limit allows. */
export function limited<E>(limit: RateLimit, open: OpenSource<E>): OpenSource<E> {
  return (ctx) => new Limited(limit, open(ctx), ctx);
}

class Limited<E> implements Source<E> {
  private stopWaiting: (() => void) | undefined = undefined;

  constructor(
    private readonly limit: RateLimit,
    private readonly source: Source<E>,
    private readonly ctx: SourceContext,
  ) {}

  fetch(demand: number): MaybePromise<Fetched<E>> {
    const allowed = this.limit.take(demand, this.ctx.runtime);
    // Asked again when the limit allows more, whether or not all of the demand was met now.
    if (allowed < demand) this.wait();
    if (allowed === 0) return [];
    const fetched = this.source.fetch(allowed);
    if (isHere(fetched)) return this.count(fetched, allowed);
    return fetched.then((events) => this.count(events, allowed));
  }

  ack(events: readonly E[]): MaybePromise<void> {
    return this.source.ack?.(events);
  }

  close(): MaybePromise<void> {
    this.stopWaiting?.();
    return this.source.close?.();
  }

  private wait(): void {
    this.stopWaiting ??= this.limit.whenAllowed(this.ctx.runtime, () => {
      this.stopWaiting = undefined;
      this.ctx.wake();
    });
  }

  private count(events: Fetched<E>, allowed: number): Fetched<E> {
    this.limit.giveBack(allowed - (events === ended ? 0 : events.length));
    return events;
  }
}
