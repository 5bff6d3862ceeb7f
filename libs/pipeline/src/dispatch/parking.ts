import type { Lane } from './lane.ts';
import { Delivery } from './delivery.ts';

/** An event's key. Without keys it is a unique value, so that whole deliveries park together. */
type KeyOf<E> = (event: E) => unknown;

/**
 * Events that wait between two attempts. The key is parked, not its partition: a later event with the same key waits
 * behind the parked one, and events with other keys pass.
 */
export class Parking<E> {
  /** Events that wait here. */
  parked = 0;
  private readonly places = new Map<unknown, { lane: Lane<E>; deliveries: Delivery<E>[] }>();

  constructor(private readonly keyOf: KeyOf<E>) {}

  get isEmpty(): boolean {
    return this.places.size === 0;
  }

  /** Opens a place for the key of this delivery's events, unless there is one. Returns the key. */
  open(lane: Lane<E>, delivery: Delivery<E>): unknown {
    const key = this.keyOf(delivery.events[0] as E);
    if (!this.places.has(key)) this.places.set(key, { lane, deliveries: [] });
    return key;
  }

  /** Parks a delivery in the open place of its key. All of its events have this key. */
  push(key: unknown, delivery: Delivery<E>): void {
    this.parked += delivery.events.length;
    this.places.get(key)?.deliveries.push(delivery);
  }

  /** Parks those events of a delivery whose keys have an open place. Returns a delivery of the others, if any. */
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

  /** Releases the events of a key, before everything that waits in their lane. */
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
