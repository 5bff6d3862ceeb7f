import { Outlet } from '../dispatch/outlet.ts';
import type { Owner } from '../dispatch/delivery.ts';
import { checkDispatcher, checkRetry } from '../dispatch/checks.ts';
import type { OutletOptions } from './stage.ts';

/** The way a producer ended: its source had no more, or it was asked to fetch no more. */
export type Ending = 'ended' | 'drained';

/** The process that owns a handover now. */
interface Heir<E> {
  handleAck?(events: readonly E[]): void;
  handleDrain?(): void;
}

interface Waiting {
  resolve(ending: Ending): void;
  reject(failure: unknown): void;
}

/** The state of a producer that outlives its process: emitted events, waiting callers, and its end. */
export class Handover<E> implements Owner<readonly E[]> {
  readonly outlet: Outlet<E>;
  producer: Heir<E> | undefined = undefined;
  /** No more events may be made. */
  isDraining = false;
  /** Pulls whose events have not come, including those of ended processes. */
  pulls = 0;
  private over: { readonly ending: Ending } | { readonly failure: unknown } | undefined = undefined;
  private readonly waiting: Waiting[] = [];

  constructor({ dispatcher, retry }: OutletOptions<E>) {
    checkDispatcher(dispatcher);
    checkRetry('retry', retry);
    this.outlet = new Outlet(dispatcher, retry);
  }

  /** The producer has ended, and all of its events are acknowledged. */
  get isOver(): boolean {
    return this.over !== undefined;
  }

  settled(events: readonly E[]): void {
    this.producer?.handleAck?.(events);
  }

  /** Resolves once the producer has ended and all of its events are acknowledged. Rejects if its source broke. */
  finished(): Promise<Ending> {
    return new Promise((resolve, reject) => {
      if (this.over !== undefined) return this.tell({ resolve, reject });
      this.waiting.push({ resolve, reject });
      this.outlet.holder?.wake();
    });
  }

  /** Like `finished`, and makes no more events until the producer's tree starts again. */
  drained(): Promise<Ending> {
    this.isDraining = true;
    return this.finished();
  }

  /** Notes that another process produces the events from now on. */
  takenOver(): void {
    this.over = undefined;
  }

  /** Settles the callers of `finished`. */
  end(how: { readonly ending: Ending } | { readonly failure: unknown }): void {
    this.over = how;
    for (const waiting of this.waiting.splice(0)) this.tell(waiting);
  }

  private tell({ resolve, reject }: Waiting): void {
    const { over } = this;
    if (over === undefined) return;
    if ('ending' in over) resolve(over.ending);
    else reject(over.failure);
  }
}
