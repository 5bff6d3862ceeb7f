import type { Address, Ref } from '@aisle/supervision';
import type { Piece } from './piece.ts';

/** What a consumer does when its producer ends: end too, end too if that was a crash, or live on. */
export type CancelMode = 'permanent' | 'transient' | 'temporary';

/** To whom a stage subscribes, and how much it takes. */
export interface SubscribeOptions<E> {
  /** The producer: an address that follows it through restarts, such as `system.address('app/numbers')`. */
  readonly to: Address;
  /** Events that may be with this stage without being acknowledged; 1,000 by default. */
  readonly maxDemand?: number;
  /** Deliveries hold at most `maxDemand - minDemand` events; half of `maxDemand` by default. */
  readonly minDemand?: number;
  /** `permanent` by default. */
  readonly cancel?: CancelMode;
  /** Which partition of a `partition` dispatcher; 0 by default. */
  readonly partition?: number;
  /** Which events of a `broadcast` dispatcher; all by default. */
  readonly selector?: (event: E) => boolean;
}

const DEMAND_MAX = 1_000;

/** One consumer at one producer. Its credit is the demand that the producer has not used yet. */
export class Subscription<E> {
  readonly maxDemand: number;
  readonly batchMax: number;
  readonly cancel: CancelMode;
  readonly partition: number;
  readonly selector: ((event: E) => boolean) | undefined;
  /** Pieces that are with the consumer, in the order in which they went. */
  readonly outstanding = new Set<Piece<E>>();
  credit: number;
  /** Has a piece that goes alone, and nothing else until that is acknowledged. */
  isBusyAlone = false;

  constructor(
    readonly producer: Ref,
    readonly consumer: Ref,
    /** The consumer's child id: by it a restarted one is known again. */
    readonly subscriber: string,
    options: SubscribeOptions<E>,
  ) {
    this.maxDemand = options.maxDemand ?? DEMAND_MAX;
    const minDemand = options.minDemand ?? this.maxDemand >> 1;
    if (!(this.maxDemand >= 1 && minDemand >= 0 && minDemand < this.maxDemand)) {
      throw new RangeError(`no demand between ${minDemand} and ${this.maxDemand}`);
    }
    this.batchMax = this.maxDemand - minDemand;
    this.credit = this.maxDemand;
    this.cancel = options.cancel ?? 'permanent';
    this.partition = options.partition ?? 0;
    this.selector = options.selector;
  }
}
