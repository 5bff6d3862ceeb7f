import { Piece } from './piece.ts';
import type { Subscription } from './subscription.ts';

const GONE_MAX = 256;

/** A queue of pieces and the subscriptions that it is for. */
export class Lane<E> {
  readonly subscriptions: Subscription<E>[] = [];
  /** Events that wait here. */
  queued = 0;
  /** What a broadcast's subscriber wants of it, also while that is away. */
  selector: ((event: E) => boolean) | undefined = undefined;
  /** Those that have room for a delivery: whoever has none costs nothing, however many they are. */
  private readonly open: Subscription<E>[] = [];
  private pieces: Piece<E>[] = [];
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
   * How much may be asked for: whole deliveries. By whatever an acknowledgement gave back, small pieces
   * would stay small for ever, and cost by the piece what large ones cost.
   */
  get room(): number {
    let room = 0;
    for (const { credit, batchMax } of this.open) room += credit - (credit % batchMax);
    return room;
  }

  get first(): Piece<E> | undefined {
    return this.pieces[this.head];
  }

  subscribe(subscription: Subscription<E>): void {
    this.subscriptions.push(subscription);
    subscription.join(this.open);
  }

  unsubscribe(subscription: Subscription<E>): void {
    this.subscriptions.splice(this.subscriptions.indexOf(subscription), 1);
    subscription.leave();
  }

  push(piece: Piece<E>): void {
    this.pieces.push(piece);
    this.queued += piece.size;
  }

  /** Puts pieces before all others, the first one first. */
  unshift(pieces: readonly Piece<E>[]): void {
    this.pieces = [...pieces, ...this.pieces.slice(this.head)];
    this.head = 0;
    for (const piece of pieces) this.queued += piece.size;
  }

  /** Takes at most `size` events of the first piece: all of it, or a piece cut from it. */
  take(size: number): Piece<E> {
    const piece = this.pieces[this.head] as Piece<E>;
    if (piece.from === 0 && piece.events.length <= size) return this.shift(piece);
    const end = Math.min(piece.from + size, piece.events.length);
    const cut = new Piece(piece.events.slice(piece.from, end), piece.origin, piece.attempts);
    this.queued -= cut.size;
    piece.from = end;
    if (piece.size === 0) {
      this.shift(piece);
      piece.origin.settle();
    }
    return cut;
  }

  /**
   * Who gets the first piece: whoever has the most credit; undefined when it has to wait. What a crash
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
  drain(): Piece<E>[] {
    const waiting = this.pieces.slice(this.head);
    this.pieces = [];
    this.head = 0;
    this.queued = 0;
    return waiting;
  }

  private shift(piece: Piece<E>): Piece<E> {
    this.queued -= piece.size;
    const { pieces } = this;
    // The last one, which is the usual case, leaves cheaply; and a lane that is never empty doesn't keep for
    // ever what has left it.
    if (pieces.length === 1) {
      pieces.pop();
    } else if ((this.head += 1) === pieces.length || this.head >= GONE_MAX) {
      pieces.splice(0, this.head);
      this.head = 0;
    }
    return piece;
  }
}
