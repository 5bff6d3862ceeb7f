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

  /** Opens a place for what has the key of this piece's events, where there is none; returns the key. */
  open(lane: Lane<E>, piece: Piece<E>): unknown {
    const key = this.keyOf(piece.events[0] as E);
    if (!this.places.has(key)) this.places.set(key, { lane, pieces: [] });
    return key;
  }

  /** Parks a piece, all of whose events have this key, in the place that is open for it. */
  push(key: unknown, piece: Piece<E>): void {
    this.parked += piece.events.length;
    this.places.get(key)?.pieces.push(piece);
  }

  /** Parks those events of a piece for which there is a place; returns what may pass, if anything. */
  divert(piece: Piece<E>): Piece<E> | undefined {
    const passing: E[] = [];
    const events = piece.events.slice(piece.from);
    for (const event of events) {
      const key = this.keyOf(event);
      if (this.places.has(key)) this.push(key, new Piece([event], piece.origin, piece.attempts));
      else passing.push(event);
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
