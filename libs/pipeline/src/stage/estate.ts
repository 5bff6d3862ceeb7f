import { Outlet } from '../dispatch/outlet.ts';
import type { Owner } from '../dispatch/piece.ts';
import type { OutletOptions } from './stage.ts';

/** Whoever has an estate now. */
interface Heir<E> {
  handleAck?(events: readonly E[]): void;
  handleDrain?(): void;
}

/** What of a producer outlives its process: what it has emitted, who waits for its end, and whether it ends. */
export class Estate<E> implements Owner<readonly E[]> {
  readonly outlet: Outlet<E>;
  producer: Heir<E> | undefined = undefined;
  /** Nothing more is to be made. */
  isDraining = false;
  /** Pulls whose events have not come, also those of processes that are gone. */
  pulls = 0;
  private readonly waiting: (() => void)[] = [];

  constructor({ dispatcher, retry }: OutletOptions<E>) {
    this.outlet = new Outlet(dispatcher, retry);
  }

  settled(events: readonly E[]): void {
    this.producer?.handleAck?.(events);
  }

  /** Resolves once the producer has ended and nothing of it is unacknowledged. */
  finished(): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      this.outlet.holder?.wake();
    });
  }

  /** The same, and nothing more is made. */
  drained(): Promise<void> {
    this.isDraining = true;
    return this.finished();
  }

  /** It is as `finished` waits for. */
  end(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}
