import type { Lane } from './lane.ts';
import { Delivery } from './delivery.ts';

/** An event's key; one that nothing else has, where there are no keys, so that deliveries park whole. */
type KeyOf<E> = (event: E) => unknown;

/**
 * Where events wait between two tries. A key is parked, not its partition: what comes after a parked
 * event waits behind it when it has the same key, and passes when it has not.
 */
export class Parking<E> {
  /** Events that wait here. */
  parked = 0;
  private readonly places = new Map<unknown, { lane: Lane<E>; deliveries: Delivery<E>[] }>();

  constructor(private readonly keyOf: KeyOf<E>) {}

  get isEmpty(): boolean {
    return this.places.size === 0;
  }

  /** Opens a place for what has the key of this delivery's events, where there is none; returns the key. */
  open(lane: Lane<E>, delivery: Delivery<E>): unknown {
    const key = this.keyOf(delivery.events[0] as E);
    if (!this.places.has(key)) this.places.set(key, { lane, deliveries: [] });
    return key;
  }

  /** Parks a delivery, all of whose events have this key, in the place that is open for it. */
  push(key: unknown, delivery: Delivery<E>): void {
    this.parked += delivery.events.length;
    this.places.get(key)?.deliveries.push(delivery);
  }

  /** Parks those events of a delivery for which there is a place; returns what may pass, if anything. */
  divert(delivery: Delivery<E>): Delivery<E> | undefined {
    const passing: E[] = [];
    const events = delivery.events.slice(delivery.from);
    for (const event of events) {
      const key = this.keyOf(event);
      if (this.places.has(key)) this.push(key, new Delivery([event], delivery.origin, delivery.attempts));
      else passing.push(event);
    }
    if (passing.length === delivery.events.length) return delivery;
    const rest = passing.length > 0 ? new Delivery(passing, delivery.origin, delivery.attempts) : undefined;
    delivery.origin.settle();
    return rest;
  }

  /** Lets the events of a key go on, before all that waits in their lane. */
  release(key: unknown): void {
    const place = this.places.get(key);
    if (place === undefined) return;
    this.places.delete(key);
    for (const { events } of place.deliveries) this.parked -= events.length;
    place.lane.unshift(place.deliveries);
  }

  releaseAll(): void {
    for (const key of [...this.places.keys()]) this.release(key);
  }
}
