import {
  partitioned, partitionOf, selected, type Dispatcher, type PartitionDispatcher, type Unplaced,
} from './dispatcher.ts';
import { Lane } from './lane.ts';
import { Origin, Delivery, type Owner } from './delivery.ts';
import { Retries, type Holder, type RetryOptions } from './retries.ts';
import { LULL, type Subscription } from './subscription.ts';
import { Limbo } from './limbo.ts';

/** The location of a stage's events. At rest `produced = acknowledged + deadLettered + parked + queued + inFlight`. */
export interface OutletCounts {
  /** Events that entered; in a broadcast once per subscriber. */
  readonly produced: number;
  readonly acknowledged: number;
  readonly deadLettered: number;
  readonly parked: number;
  /** Events that wait for demand, or for their dead letter to be taken. */
  readonly queued: number;
  /** Events that are with consumers. */
  readonly inFlight: number;
  /** Demand of the consumers that the stage has not used. */
  readonly demand: number;
  readonly subscribers: number;
}

/**
 * A stage's events on their way to its consumers, and the demand of each consumer. A producer's outlet outlives its
 * process, like an ETS table with an heir, so its events are not produced again.
 */
export class Outlet<E> {
  /** Events that the producer was asked for and has not delivered. */
  asked = 0;
  /** The process that owns it; undefined before its first start. */
  holder: Holder | undefined = undefined;
  private lanes: Lane<E>[];
  private readonly retries: Retries<E>;
  private readonly limbo: Limbo<E>;
  private produced = 0;
  private acknowledged = 0;
  private inFlight = 0;

  constructor(
    private dispatcher: Dispatcher<E> = { kind: 'demand' },
    retry: RetryOptions<E> = {},
    /**
     * The input of this stage comes again when the stage crashes. So a failing key may crash the stage, and the retries
     * above find the input.
     */
    private readonly isStrict = false,
  ) {
    const holder = (): Holder | undefined => this.holder;
    const putBack = (lane: Lane<E>, deliveries: readonly Delivery<E>[]): void => this.putBack(lane, deliveries);
    this.retries = new Retries(retry, dispatcher, { holder, putBack });
    this.limbo = new Limbo(this.retries, holder);
    this.lanes = lanesOf(dispatcher);
  }

  /** True if every event is acknowledged or dead-lettered. */
  get isEmpty(): boolean {
    return this.produced === this.acknowledged + this.retries.deadLettered;
  }

  get counts(): OutletCounts {
    const { produced, acknowledged, inFlight } = this;
    const { deadLettered, dying } = this.retries;
    return {
      produced, acknowledged, deadLettered, parked: this.parked, inFlight,
      queued: this.sum((lane) => lane.queued) + dying,
      demand: this.sum((lane) => lane.credit),
      subscribers: this.sum((lane) => lane.subscriptions.length),
    };
  }

  /** The number of events to ask of the producer now. Events that wait here have their demand already. */
  wanted(): number {
    if (this.dispatcher.kind === 'broadcast') {
      const rooms = this.lanes.map((lane) => lane.room - lane.queued);
      return rooms.length === 0 ? 0 : Math.min(...rooms) - this.parked - this.asked;
    }
    const only = this.lanes[0];
    const free = this.lanes.length === 1 && only !== undefined
      ? only.room - only.queued
      : this.sum((lane) => lane.room - lane.queued);
    return free - this.parked - this.asked;
  }

  /** Events that wait for another attempt. */
  private get parked(): number {
    return this.retries.parking.parked + this.limbo.waiting;
  }

  get partitions(): number {
    return this.dispatcher.kind === 'partition' ? this.dispatcher.partitions : Infinity;
  }

  /** Throws a RangeError if there is no such partition. */
  check({ partition }: Subscription<E>): void {
    if (partition < this.partitions) return;
    throw new RangeError(`partition is ${partition}; the producer has ${this.partitions}, from 0 on`);
  }

  subscribe(subscription: Subscription<E>): void {
    const lane = this.laneOf(subscription);
    lane.selector = subscription.selector;
    lane.subscribe(subscription);
  }

  /**
   * Accepts a batch. `owner` is told of `value` when the whole batch is acknowledged, and at once if the batch is
   * empty.
   */
  emit<T>(events: readonly E[], value: T, owner: Owner<T>): void {
    const origin = new Origin(value, owner) as Origin;
    // Held open until all deliveries are in their lanes.
    origin.open = 1;
    if (this.dispatcher.kind === 'demand') {
      this.enter(this.lanes[0] as Lane<E>, events, origin);
    } else if (this.dispatcher.kind === 'partition') {
      this.spread(events, origin, 0);
      this.produced += events.length;
    } else {
      for (const lane of this.lanes) this.enterSelected(lane, events, origin);
    }
    origin.settle();
  }

  /** Sends as many events as there is demand for. */
  flush(): void {
    for (const lane of this.lanes) {
      while (lane.queued > 0) {
        const subscription = lane.next();
        if (subscription === undefined) break;
        if (!this.retries.divert(lane)) continue;
        this.send(subscription, lane.take(subscription.batchMax));
      }
    }
  }

  /** The consumer has taken a delivery in, so it has room for as much again. */
  free(delivery: Delivery<E>): void {
    if (!delivery.isOut || delivery.isFreed) return;
    const subscription = delivery.subscription as Subscription<E>;
    delivery.isFreed = true;
    subscription.gain(delivery.events.length);
    subscription.isBusyAlone = false;
  }

  acknowledge(delivery: Delivery<E>): void {
    if (!delivery.isOut) return;
    const { length } = delivery.events;
    this.free(delivery);
    delivery.isOut = false;
    (delivery.subscription as Subscription<E>).settle(delivery);
    this.inFlight -= length;
    this.acknowledged += length;
    delivery.origin.settle();
  }

  /** The consumer is gone. Its deliveries come back in order, before everything that waits. */
  unsubscribe(subscription: Subscription<E>, how: 'left' | 'died' | 'forgotten'): void {
    const lane = this.lanes.find(({ subscriptions }) => subscriptions.includes(subscription));
    if (lane === undefined) return;
    lane.unsubscribe(subscription);
    let back: Delivery<E>[] = [];
    for (const delivery of subscription.outstanding) back = this.comeBack(lane, delivery, how, back);
    lane.unshift(back);
    // A subscriber that leaves a broadcast for good wants nothing more. One that crashed will come back for its lane.
    if (how === 'left' && lane.subscriber !== undefined) this.close(lane);
  }

  /**
   * Tells consumers that have got everything that nothing follows for now. Stages that hold events back then release
   * them.
   */
  lull(): void {
    if (!this.retries.parking.isEmpty) return;
    for (const { queued, subscriptions } of this.lanes) {
      if (queued > 0) continue;
      for (const subscription of subscriptions) {
        if (subscription.isLulled || subscription.outstanding.length === 0) continue;
        subscription.isLulled = true;
        subscription.consumer.send(LULL);
      }
    }
  }

  /** Changes the number of partitions, between two sets of consumers. The order of each key is kept. */
  repartition(partitions: number): void {
    const { dispatcher } = this;
    if (dispatcher.kind !== 'partition') throw new TypeError('only a partition dispatcher has partitions');
    this.recall();
    const waiting = this.lanes.flatMap((lane) => lane.drain());
    this.dispatcher = { ...dispatcher, partitions };
    this.lanes = lanesOf(this.dispatcher);
    this.holder?.wake();
    for (const { events, from, origin, attempts } of waiting) {
      this.spread(events.slice(from), origin, attempts);
      origin.settle();
    }
  }

  /** A new process takes over. Consumers have to subscribe again, and get their deliveries again. */
  takeOver(holder: Holder): void {
    this.holder = holder;
    this.asked = 0;
    this.recall();
    this.limbo.takeOver();
  }

  private recall(): void {
    for (const lane of this.lanes) {
      for (const subscription of [...lane.subscriptions]) this.unsubscribe(subscription, 'forgotten');
    }
    this.retries.parking.releaseAll();
  }

  private enter(lane: Lane<E>, events: readonly E[], origin: Origin): void {
    if (events.length === 0) return;
    this.produced += events.length;
    lane.push(new Delivery(events, origin));
  }

  /** Puts each event into the lane of its key. An event without a valid key waits and is tried again. */
  private spread(events: readonly E[], origin: Origin, attempts: number): void {
    const { parts, unplaced } = partitioned(events, this.dispatcher as PartitionDispatcher<E>);
    this.refuse(unplaced);
    parts.forEach((part, at) => {
      if (part.length > 0) (this.lanes[at] as Lane<E>).push(new Delivery(part, origin, attempts));
    });
    for (const { event, error } of unplaced) {
      const place = (): void => {
        const { by, partitions } = this.dispatcher as PartitionDispatcher<E>;
        (this.lanes[partitionOf(by(event), partitions)] as Lane<E>).push(new Delivery([event], origin, attempts));
      };
      this.limbo.add({ event, origin, place }, error);
    }
  }

  private enterSelected(lane: Lane<E>, events: readonly E[], origin: Origin): void {
    if (lane.selector === undefined) return this.enter(lane, events, origin);
    const { chosen, unplaced } = selected(events, lane.selector);
    this.refuse(unplaced);
    this.enter(lane, chosen, origin);
    this.produced += unplaced.length;
    for (const { event, error } of unplaced) {
      const place = (): void => {
        const isWanted = this.lanes.includes(lane) && lane.selector?.(event) !== false;
        if (isWanted) lane.push(new Delivery([event], origin));
        else this.acknowledged += 1;
      };
      this.limbo.add({ event, origin, place }, error);
    }
  }

  private refuse([first]: readonly Unplaced<E>[]): void {
    if (first !== undefined && this.isStrict) throw first.error;
  }

  private putBack(lane: Lane<E>, deliveries: readonly Delivery<E>[]): void {
    if (this.lanes.includes(lane)) return lane.unshift(deliveries);
    for (const { events, origin, attempts } of deliveries) {
      if (this.dispatcher.kind === 'partition') this.spread(events, origin, attempts);
      else this.acknowledged += events.length;
      origin.settle();
    }
  }

  private send(subscription: Subscription<E>, delivery: Delivery<E>): void {
    const { length } = delivery.events;
    delivery.isOut = true;
    delivery.subscription = subscription;
    subscription.send(delivery);
    subscription.isLulled = false;
    subscription.isBusyAlone = delivery.attempts > 0;
    this.inFlight += length;
    // A consumer that has just died does not get it; the `Down` message is on its way.
    subscription.consumer.send(delivery);
  }

  /** Takes a delivery back. Returns its parts that need another attempt, after `before`, the parts of earlier deliveries. */
  private comeBack(lane: Lane<E>, delivery: Delivery<E>, how: string, before: Delivery<E>[]): Delivery<E>[] {
    const { events, origin, attempts } = delivery;
    delivery.isOut = false;
    this.inFlight -= events.length;
    let back = before;
    if (how === 'died' && delivery.isSuspect) back = this.retries.partsOf(lane, delivery, before);
    else before.push(new Delivery(events, origin, attempts));
    origin.settle();
    return back;
  }

  private laneOf(subscription: Subscription<E>): Lane<E> {
    const { partition, subscriber } = subscription;
    if (this.dispatcher.kind === 'demand') return this.lanes[0] as Lane<E>;
    if (this.dispatcher.kind === 'partition') return this.lanes[partition] as Lane<E>;
    const known = this.lanes.find((lane) => lane.subscriber === subscriber);
    if (known !== undefined) return known;
    const lane = new Lane<E>(subscriber);
    this.lanes.push(lane);
    return lane;
  }

  private close(lane: Lane<E>): void {
    this.lanes.splice(this.lanes.indexOf(lane), 1);
    for (const delivery of lane.drain()) {
      this.acknowledged += delivery.size;
      delivery.origin.settle();
    }
  }

  private sum(count: (lane: Lane<E>) => number): number {
    let total = 0;
    for (const lane of this.lanes) total += count(lane);
    return total;
  }
}

function lanesOf<E>(dispatcher: Dispatcher<E>): Lane<E>[] {
  if (dispatcher.kind === 'demand') return [new Lane()];
  if (dispatcher.kind === 'broadcast') {
    return (dispatcher.subscribers ?? []).map((subscriber) => new Lane<E>(subscriber));
  }
  return Array.from({ length: dispatcher.partitions }, () => new Lane<E>());
}
