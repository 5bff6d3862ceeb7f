import type { Ref } from '@aisle/supervision';

/** Whoever wants to know that all that came of something is acknowledged. */
export interface Owner<T> {
  settled(value: T): void;
}

/** Between whom a piece travels: its subscription, as far as others than the producer may see it. */
export interface Route {
  readonly producer: Ref;
  readonly consumer: Ref;
  /** Its demand is free again once the consumer has taken a piece in, before it is acknowledged. */
  readonly isFreedEarly: boolean;
}

/** What pieces were cut from: a producer's batch, or a producer-consumer's input. */
export class Origin<T = unknown> {
  /** Pieces that are not acknowledged yet. */
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

/** What a consumer says that has taken a piece in. */
export class Freed<E> {
  constructor(readonly piece: Piece<E>) {}
}

/**
 * Events that travel together: it goes to a consumer as a delivery, and the same object comes back as
 * the acknowledgement. So tracking costs by the piece, not by the event.
 */
export class Piece<E> {
  /** It is with a consumer that lives. One that came back is made anew, so a late answer means nothing. */
  isOut = false;
  /** Its demand is free again already. */
  isFreed = false;
  /** Its consumer is in the middle of it: if that crashes, this piece may be why. */
  isSuspect = false;
  subscription: Route | undefined = undefined;
  /** Events before this one have left already, in pieces of their own. */
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
