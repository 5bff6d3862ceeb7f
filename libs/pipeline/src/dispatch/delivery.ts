import type { Ref } from '@aisle/supervision';

/** Whoever wants to know that all that came of something is acknowledged. */
export interface Owner<T> {
  settled(value: T): void;
}

/** Between whom a delivery travels: its subscription, as far as others than the producer may see it. */
export interface Route {
  readonly producer: Ref;
  readonly consumer: Ref;
  /** Its demand is free again once the consumer has taken a delivery in, before it is acknowledged. */
  readonly isFreedEarly: boolean;
}

/** What deliveries were cut from: a producer's batch, or a producer-consumer's input. */
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

/** What a consumer says that has taken a delivery in. */
export class Freed<E> {
  constructor(readonly delivery: Delivery<E>) {}
}

/**
 * Events that travel together: it goes to a consumer as a delivery, and the same object comes back as
 * the acknowledgement. So tracking costs by the delivery, not by the event.
 */
export class Delivery<E> {
  /** It is with a consumer that lives. One that came back is made anew, so a late answer means nothing. */
  isOut = false;
  /** Its demand is free again already. */
  isFreed = false;
  /** Its consumer is in the middle of it: if that crashes, this delivery may be why. */
  isSuspect = false;
  subscription: Route | undefined = undefined;
  /** Events before this one have left already, in deliveries of their own. */
  from = 0;

  constructor(
    readonly events: readonly E[],
    readonly origin: Origin,
    /** Consumers that crashed in the middle of it. */
    readonly attempts = 0,
  ) {
    origin.open += 1;
  }

  get size(): number {
    return this.events.length - this.from;
  }
}
