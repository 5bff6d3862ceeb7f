import type { Ref } from '@aisle/supervision';

/** Told once everything that resulted from a value is acknowledged. */
export interface Owner<T> {
  settled(value: T): void;
}

/** The subscription of a delivery, as far as processes other than the producer may see it. */
export interface Route {
  readonly producer: Ref;
  readonly consumer: Ref;
  /** True if demand is free again once the consumer has taken a delivery in, before the acknowledgement. */
  readonly isFreedEarly: boolean;
}

/** The origin of deliveries: a producer's batch, or a producer-consumer's input. */
export class Origin<T = unknown> {
  /** Deliveries that are not acknowledged yet. */
  open = 0;

  constructor(
    private readonly value: T,
    private readonly owner: Owner<T>,
  ) {}

  settle(): void {
    this.open -= 1;
    if (this.open === 0) this.owner.settled(this.value);
  }
}

/** A consumer's message that it has taken a delivery in. */
export class Freed<E> {
  constructor(readonly delivery: Delivery<E>) {}
}

/**
 * Events that travel together. The delivery goes to a consumer, and the same object comes back as the acknowledgement.
 * Tracking therefore costs per delivery, not per event.
 */
export class Delivery<E> {
  /**
   * True while it is with a living consumer. A delivery that came back is made anew, so a late acknowledgement has no
   * effect.
   */
  isOut = false;
  /** True once its demand is free again. */
  isFreed = false;
  /** True while its consumer is handling it: if the consumer crashes, this delivery may be the cause. */
  isSuspect = false;
  subscription: Route | undefined = undefined;
  /** Events before this index have left already, in deliveries of their own. */
  from = 0;

  constructor(
    readonly events: readonly E[],
    readonly origin: Origin,
    /** Consumers that crashed while handling it. */
    readonly attempts = 0,
  ) {
    origin.open += 1;
  }

  get size(): number {
    return this.events.length - this.from;
  }
}
