import { checkChoice, checkFunction, checkNumber } from '@aisle/std';
import type { Address, Ref } from '@aisle/supervision';
import type { Delivery } from './delivery.ts';
import type { StageGroup } from './stage-group.ts';

/** A producer's message to a consumer that has got all events so far. */
export const LULL = Symbol('lull');

/** The reaction of a consumer to the end of its producer: end too, end too after a crash, or live on. */
export type CancelMode = 'permanent' | 'transient' | 'temporary';

/** A stage's subscription: its producer, and the bounds of its demand. */
export interface SubscribeOptions<E> {
  /**
   * The producer: an address that follows it through restarts, such as `system.address('app/numbers')`; or a group, for
   * all present and later members.
   */
  readonly to: Address | StageGroup;
  /** Unacknowledged events that this stage may have; 1,000 by default. */
  readonly maxDemand?: number;
  /** Deliveries hold at most `maxDemand - minDemand` events; half of `maxDemand` by default. */
  readonly minDemand?: number;
  /** `permanent` by default; `temporary` for members of a group, which come and go. */
  readonly cancel?: CancelMode;
  /**
   * When the demand of an event is free again: once it is `acknowledged` (the default), or once the stage has `taken`
   * it in. Use the latter for stages above one that holds events back until it has enough of them.
   */
  readonly free?: 'acknowledged' | 'taken';
  /** The partition of a `partition` dispatcher; 0 by default. */
  readonly partition?: number;
  /** Selects events of a `broadcast` dispatcher; all by default. */
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

/** One consumer of one producer. Its credit is the demand that the producer has not used. */
export class Subscription<E> {
  readonly maxDemand: number;
  readonly batchMax: number;
  readonly cancel: CancelMode;
  readonly partition: number;
  readonly selector: ((event: E) => boolean) | undefined;
  readonly isFreedEarly: boolean;
  /** Deliveries with the consumer, in sending order. */
  readonly outstanding: Delivery<E>[] = [];
  credit: number;
  /** The consumer has a delivery that travels alone, and gets nothing else until it is acknowledged. */
  isBusyAlone = false;
  /** The consumer knows that nothing follows for now. */
  isLulled = false;
  /** The open subscriptions of its lane. It is one of them while it has room for a delivery. */
  private open: Subscription<E>[] = [];

  constructor(
    readonly producer: Ref,
    readonly consumer: Ref,
    /** The consumer's child id, by which a restarted consumer is recognised. */
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

  /** Records a delivery to the consumer. All of its events use up demand. */
  send(delivery: Delivery<E>): void {
    this.outstanding.push(delivery);
    // A consumer that gets a delivery was open: it had credit, or nothing would have been sent.
    this.credit -= delivery.events.length;
    if (this.credit < this.batchMax) remove(this.open, this);
  }

  /** The consumer no longer has the delivery. */
  settle(delivery: Delivery<E>): void {
    remove(this.outstanding, delivery);
  }
}

/** The element to remove is nearly always the oldest one. */
function remove<T>(list: T[], gone: T): void {
  if (list[0] === gone) list.shift();
  else list.splice(list.indexOf(gone), 1);
}
