import type { MaybePromise } from '@aisle/supervision';
import { ended } from '../stage/producer.ts';
import type { Pace } from './pace.ts';
import type { RateLimit } from './rate-limit.ts';
import { isHere, type Fetched, type OpenSource, type Source, type SourceContext } from './source.ts';

/** Fetches from another source within a rate limit, and only when the pace of its process has time. */
export function limited<E>(limit: RateLimit, open: OpenSource<E>, pace?: Pace): OpenSource<E> {
  return (ctx) => new Limited({ limit, pace }, open(ctx), ctx);
}

class Limited<E> implements Source<E> {
  private stopWaiting: (() => void) | undefined = undefined;
  /** True once the pace has admitted this producer, after its wait for its turn. */
  private isAdmitted = false;

  constructor(
    private readonly bounds: { readonly limit: RateLimit; readonly pace: Pace | undefined },
    private readonly source: Source<E>,
    private readonly ctx: SourceContext,
  ) {}

  fetch(demand: number): MaybePromise<Fetched<E>> {
    const { limit, pace } = this.bounds;
    const timely = pace?.take(demand, this.isAdmitted) ?? demand;
    this.isAdmitted = false;
    const allowed = timely === 0 ? 0 : limit.take(timely, this.ctx.runtime);
    pace?.giveBack(timely - allowed);
    // Ask again when more is allowed, whether or not all of the demand was met.
    if (allowed < timely) this.wait((run) => limit.whenAllowed(this.ctx.runtime, run));
    else if (timely < demand) this.wait((run) => pace?.whenOpen(() => this.admitted(run)));
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

  private admitted(run: () => void): void {
    this.isAdmitted = true;
    run();
  }

  private wait(until: (run: () => void) => (() => void) | undefined): void {
    this.stopWaiting ??= until(() => {
      this.stopWaiting = undefined;
      this.ctx.wake();
    });
  }

  private count(events: Fetched<E>, allowed: number): Fetched<E> {
    this.bounds.limit.giveBack(allowed - (events === ended ? 0 : events.length));
    return events;
  }
}
