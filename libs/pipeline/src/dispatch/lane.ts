import { Delivery } from './delivery.ts';
import type { Subscription } from './subscription.ts';

const GONE_MAX = 256;

/** A queue of deliveries with its subscriptions. */
export class Lane<E> {
  readonly subscriptions: Subscription<E>[] = [];
  /** Events that wait here. */
  queued = 0;
  /** The selector of a broadcast's subscriber, kept while the subscriber is away. */
  selector: ((event: E) => boolean) | undefined = undefined;
  /** Subscriptions with room for a delivery. One without room costs nothing, however many there are. */
  private readonly open: Subscription<E>[] = [];
  private deliveries: Delivery<E>[] = [];
  private head = 0;

  constructor(
    /** The owner of the lane: a broadcast keeps one lane for each subscriber. */
    readonly subscriber: string | undefined = undefined,
  ) {}

  get credit(): number {
    let credit = 0;
    for (const subscription of this.subscriptions) credit += subscription.credit;
    return credit;
  }

  /**
   * The demand to pass on, in whole deliveries only. If every acknowledgement were passed on as it came, small
   * deliveries would stay small for ever, and each costs as much as a large one.
   */
  get room(): number {
    let room = 0;
    for (const { credit, batchMax } of this.open) room += credit - (credit % batchMax);
    return room;
  }

  get first(): Delivery<E> | undefined {
    return this.deliveries[this.head];
  }

  subscribe(subscription: Subscription<E>): void {
    this.subscriptions.push(subscription);
    subscription.join(this.open);
  }

  unsubscribe(subscription: Subscription<E>): void {
    this.subscriptions.splice(this.subscriptions.indexOf(subscription), 1);
    subscription.leave();
  }

  push(delivery: Delivery<E>): void {
    this.deliveries.push(delivery);
    this.queued += delivery.size;
  }

  /** Puts deliveries before all others, in the given order. */
  unshift(deliveries: readonly Delivery<E>[]): void {
    this.deliveries = [...deliveries, ...this.deliveries.slice(this.head)];
    this.head = 0;
    for (const delivery of deliveries) this.queued += delivery.size;
  }

  /** Takes at most `size` events of the first delivery: all of it, or a delivery cut from it. */
  take(size: number): Delivery<E> {
    const delivery = this.deliveries[this.head] as Delivery<E>;
    if (delivery.from === 0 && delivery.events.length <= size) return this.shift(delivery);
    const end = Math.min(delivery.from + size, delivery.events.length);
    const cut = new Delivery(delivery.events.slice(delivery.from, end), delivery.origin, delivery.attempts);
    this.queued -= cut.size;
    delivery.from = end;
    if (delivery.size === 0) {
      this.shift(delivery);
      delivery.origin.settle();
    }
    return cut;
  }

  /**
   * The subscription for the first delivery: the one with the most credit, or undefined if the delivery must wait. A
   * delivery that is suspected of a crash goes alone. If it crashes its consumer again, it affects no other, and each
   * one that does not crash is progress.
   */
  next(): Subscription<E> | undefined {
    const isSuspect = (this.first?.attempts ?? 0) > 0;
    let best: Subscription<E> | undefined;
    let credit = 0;
    for (const subscription of this.open) {
      if (subscription.credit <= credit || subscription.isBusyAlone) continue;
      if (isSuspect && subscription.credit < subscription.maxDemand) continue;
      best = subscription;
      credit = subscription.credit;
    }
    return best;
  }

  /** Removes all deliveries and returns them in order. */
  drain(): Delivery<E>[] {
    const waiting = this.deliveries.slice(this.head);
    this.deliveries = [];
    this.head = 0;
    this.queued = 0;
    return waiting;
  }

  private shift(delivery: Delivery<E>): Delivery<E> {
    this.queued -= delivery.size;
    const { deliveries } = this;
    // The last delivery is the usual case and leaves cheaply. A lane that is never empty must not keep old deliveries
    // for ever.
    if (deliveries.length === 1) {
      deliveries.pop();
    } else if ((this.head += 1) === deliveries.length || this.head >= GONE_MAX) {
      deliveries.splice(0, this.head);
      this.head = 0;
    }
    return delivery;
  }
}
