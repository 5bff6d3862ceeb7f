import type { Lane } from './lane.ts';
import { Piece } from './piece.ts';

/** An event's key; one that nothing else has, where there are no keys, so that pieces park whole. */
type KeyOf<E> = (event: E) => unknown;

/**
 * Where events wait between two tries. A key is parked, not its partition: what comes after a parked
 * event waits behind it when it has the same key, and passes when it has not.
 */
export class Parking<E> {
  /** Events that wait here. */
  parked = 0;
  private readonly places = new Map<unknown, { lane: Lane<E>; pieces: Piece<E>[] }>();

  constructor(private readonly keyOf: KeyOf<E>) {}

  get isEmpty(): boolean {
    return this.places.size === 0;
  }

  /** Parks a piece under the key that its events have; returns the key when it was not parked before. */
  park(lane: Lane<E>, piece: Piece<E>): { key: unknown } | undefined {
    const key = this.keyOf(piece.events[0] as E);
    this.parked += piece.events.length;
    const place = this.places.get(key);
    if (place === undefined) this.places.set(key, { lane, pieces: [piece] });
    else place.pieces.push(piece);
    return place === undefined ? { key } : undefined;
  }

  /** Parks those events of the piece whose key is parked; returns what may pass, if anything. */
  divert(lane: Lane<E>, piece: Piece<E>): Piece<E> | undefined {
    const passing: E[] = [];
    const events = piece.events.slice(piece.from);
    for (const event of events) {
      if (this.places.has(this.keyOf(event))) {
        this.park(lane, new Piece([event], piece.origin, piece.attempts));
      } else {
        passing.push(event);
      }
    }
    if (passing.length === piece.events.length) return piece;
    const rest = passing.length > 0 ? new Piece(passing, piece.origin, piece.attempts) : undefined;
    piece.origin.settle();
    return rest;
  }

  /** Lets the events of a key go on, before all that waits in their lane. */
  release(key: unknown): void {
    const place = this.places.get(key);
    if (place === undefined) return;
    this.places.delete(key);
    for (const { events } of place.pieces) this.parked -= events.length;
    place.lane.unshift(place.pieces);
  }

  releaseAll(): void {
    for (const key of [...this.places.keys()]) this.release(key);
  }
}
