import { checkChoice, checkFunction, checkNumber } from '@aisle/std';
import type { Address, Ref } from '@aisle/supervision';
import type { Delivery } from './delivery.ts';
import type { StageGroup } from './stage-group.ts';

/** What a producer says to a consumer that has all there is for it. */
export const LULL = Symbol('lull');

/** What a consumer does when its producer ends: end too, end too if that was a crash, or live on. */
export type CancelMode = 'permanent' | 'transient' | 'temporary';

/** To whom a stage subscribes, and how much it takes. */
export interface SubscribeOptions<E> {
  /**
   * The producer: an address that follows it through restarts, such as `system.address('app/numbers')`; or a
   * group, for whoever is in it now or joins it later.
   */
  readonly to: Address | StageGroup;
  /** Events that may be with this stage without being acknowledged; 1,000 by default. */
  readonly maxDemand?: number;
  /** Deliveries hold at most `maxDemand - minDemand` events; half of `maxDemand` by default. */
  readonly minDemand?: number;
  /** `permanent` by default; `temporary` for those of a group, who come and go. */
  readonly cancel?: CancelMode;
  /**
   * When the demand of an event is free again: once it is `acknowledged`, by default, or once the stage has
   * `taken` it in. The latter is for stages above one that holds events back until there are enough of them.
   */
  readonly free?: 'acknowledged' | 'taken';
  /** Which partition of a `partition` dispatcher; 0 by default. */
  readonly partition?: number;
  /** Which events of a `broadcast` dispatcher; all by default. */
  readonly selector?: (event: E) => boolean;
}

const DEMAND_MAX = 1_000;

/** Throws a RangeError or TypeError that names the option. */
function checkSubscription<E>(options: SubscribeOptions<E>): void {
  const { maxDemand = DEMAND_MAX, minDemand, cancel, free, partition, selector } = options;
  checkNumber('maxDemand', maxDemand, { min: 1 });
  if (minDemand !== undefined) checkNumber('minDemand', minDemand, { min: 0, max: maxDemand - 1 });
  if (cancel !== undefined) checkChoice('cancel', cancel, ['permanent', 'transient', 'temporary']);
  if (free !== undefined) checkChoice('free', free, ['acknowledged', 'taken']);
  if (partition !== undefined) checkNumber('partition', partition, { min: 0 });
  if (selector !== undefined) checkFunction('selector', selector);
}

/** One consumer at one producer. Its credit is the demand that the producer has not used yet. */
export class Subscription<E> {
  readonly maxDemand: number;
  readonly batchMax: number;
  readonly cancel: CancelMode;
  readonly partition: number;
  readonly selector: ((event: E) => boolean) | undefined;
  readonly isFreedEarly: boolean;
  /** Deliveries that are with the consumer, in the order in which they went. */
  readonly outstanding: Delivery<E>[] = [];
  credit: number;
  /** Has a delivery that goes alone, and nothing else until that is acknowledged. */
  isBusyAlone = false;
  /** The consumer knows that nothing follows what it has. */
  isLulled = false;
  /** Those of its lane that have room for a delivery; it's one of them as long as it has. */
  private open: Subscription<E>[] = [];

  constructor(
    readonly producer: Ref,
    readonly consumer: Ref,
    /** The consumer's child id: by it a restarted one is known again. */
    readonly subscriber: string,
    options: SubscribeOptions<E>,
  ) {
    checkSubscription(options);
    this.maxDemand = options.maxDemand ?? DEMAND_MAX;
    this.batchMax = this.maxDemand - (options.minDemand ?? Math.floor(this.maxDemand / 2));
    this.credit = this.maxDemand;
    this.cancel = options.cancel ?? ('whereis' in options.to ? 'permanent' : 'temporary');
    this.partition = options.partition ?? 0;
    this.selector = options.selector;
    this.isFreedEarly = options.free === 'taken';
  }

  join(open: Subscription<E>[]): void {
    this.open = open;
    open.push(this);
  }

  leave(): void {
    if (this.credit >= this.batchMax) remove(this.open, this);
  }

  gain(credit: number): void {
    const wasOpen = this.credit >= this.batchMax;
    this.credit += credit;
    if (!wasOpen && this.credit >= this.batchMax) this.open.push(this);
  }

  /** A delivery goes to the consumer, all of whose events have their demand. */
  send(delivery: Delivery<E>): void {
    this.outstanding.push(delivery);
    // Whoever gets one was open: it has credit for a delivery, or nothing would have gone to it.
    this.credit -= delivery.events.length;
    if (this.credit < this.batchMax) remove(this.open, this);
  }

  /** A delivery is with the consumer no more. */
  settle(delivery: Delivery<E>): void {
    remove(this.outstanding, delivery);
  }
}

/** It is nearly always the one that has been there for longest. */
function remove<T>(list: T[], gone: T): void {
  if (list[0] === gone) list.shift();
  else list.splice(list.indexOf(gone), 1);
}
