import { Delivery } from './delivery.ts';
import type { Subscription } from './subscription.ts';

const GONE_MAX = 256;

/** A queue of deliveries and the subscriptions that it is for. */
export class Lane<E> {
  readonly subscriptions: Subscription<E>[] = [];
  /** Events that wait here. */
  queued = 0;
  /** What a broadcast's subscriber wants of it, also while that is away. */
  selector: ((event: E) => boolean) | undefined = undefined;
  /** Those that have room for a delivery: whoever has none costs nothing, however many they are. */
  private readonly open: Subscription<E>[] = [];
  private deliveries: Delivery<E>[] = [];
  private head = 0;

  constructor(
    /** Whose lane it is, where that matters: a broadcast keeps one for each subscriber. */
    readonly subscriber: string | undefined = undefined,
  ) {}

  get credit(): number {
    let credit = 0;
    for (const subscription of this.subscriptions) credit += subscription.credit;
    return credit;
  }

  /**
   * How much may be asked for: whole deliveries. By whatever an acknowledgement gave back, small deliveries
   * would stay small for ever, and cost by the delivery what large ones cost.
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

  /** Puts deliveries before all others, the first one first. */
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
   * Who gets the first delivery: whoever has the most credit; undefined when it has to wait. What a crash
   * made suspect goes alone: so it takes nothing with it when it crashes again, and each one that does
   * not is progress, however often consumers crash.
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

  /** Takes everything out, in order. */
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
    // The last one, which is the usual case, leaves cheaply; and a lane that is never empty doesn't keep for
    // ever what has left it.
    if (deliveries.length === 1) {
      deliveries.pop();
    } else if ((this.head += 1) === deliveries.length || this.head >= GONE_MAX) {
      deliveries.splice(0, this.head);
      this.head = 0;
    }
    return delivery;
  }
}
