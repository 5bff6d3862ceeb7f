import type { Dispatcher } from './dispatcher.ts';
import type { Lane } from './lane.ts';
import { Parking } from './parking.ts';
import { Piece } from './piece.ts';

/** What happens to events in the middle of which a consumer crashed. */
export interface RetryOptions<E> {
  /** How long such an event waits, and with it all that have its key; 0 by default. */
  readonly backoffMs?: number;
  /** Each further crash doubles the wait, up to this; without it every wait is the same. */
  readonly backoffMaxMs?: number;
  /** Crashes after which an event goes to `deadLetter`; of the last one it was the only event. */
  readonly attemptsMax?: number;
  /** Takes what is given up: it counts as dealt with once this has returned, or its promise resolved. */
  readonly deadLetter?: (event: E, attempts: number) => void | PromiseLike<void>;
}

/** What an outlet asks of the process it belongs to. */
export interface Holder {
  after(delayMs: number, run: () => void): void;
  /** Something happened outside of a turn. */
  wake(): void;
}

/** Events that are tried again: in which parts, after which wait, and which are given up instead. */
export class Retries<E> {
  /** Those that wait. */
  readonly parking: Parking<E>;
  /** Given up, and not yet taken by the dead letters. */
  readonly dying = new Set<Piece<E>>();
  deadLettered = 0;
  private readonly isKeyed: boolean;

  constructor(
    private readonly options: RetryOptions<E>,
    dispatcher: Dispatcher<E>,
    private readonly holder: () => Holder | undefined,
  ) {
    this.isKeyed = dispatcher.kind === 'partition';
    this.parking = new Parking(dispatcher.kind === 'partition' ? dispatcher.by : () => Symbol());
  }

  /**
   * What goes back to the lane, in order, of a piece that may have crashed its consumer and of those
   * `before` it, which that consumer had, too.
   */
  partsOf(lane: Lane<E>, { events, origin, attempts, subscription }: Piece<E>, before: Piece<E>[]): Piece<E>[] {
    const { backoffMs = 0, attemptsMax = Infinity, deadLetter } = this.options;
    if (deadLetter !== undefined && events.length === 1 && attempts + 1 >= attemptsMax) {
      this.bury(lane, new Piece(events, origin, attempts + 1), deadLetter);
      return before;
    }
    const size = this.partSize(events.length, attempts, subscription?.isFreedEarly === true);
    const parts: Piece<E>[] = [];
    for (let at = 0; at < events.length; at += size) {
      parts.push(new Piece(events.slice(at, at + size), origin, attempts + 1));
    }
    return backoffMs === 0 ? [...before, ...parts] : this.park(lane, parts, before);
  }

  /** False when the lane's first piece had to be cut because keys in it are parked. */
  divert(lane: Lane<E>): boolean {
    if (!this.isKeyed || this.parking.isEmpty) return true;
    const first = lane.first as Piece<E>;
    const whole = lane.take(first.events.length);
    const passing = this.parking.divert(whole);
    if (passing !== undefined) lane.unshift([passing]);
    return passing === whole;
  }

  private park(lane: Lane<E>, parts: readonly Piece<E>[], before: readonly Piece<E>[]): Piece<E>[] {
    const waitMs = this.waitMs((parts[0]?.attempts ?? 1) - 1);
    const keys = parts.map((part) => this.parking.open(lane, part));
    // What has the key of a part and came before it waits as well, and before it.
    const passing = this.isKeyed ? before.flatMap((piece) => this.parking.divert(piece) ?? []) : [...before];
    parts.forEach((part, at) => this.parking.push(keys[at], part));
    this.holder()?.after(waitMs, () => {
      for (const key of keys.reverse()) this.parking.release(key);
      this.holder()?.wake();
    });
    return passing;
  }

  private partSize(length: number, attempts: number, isFreedEarly: boolean): number {
    // A key is parked by the event.
    if (this.isKeyed && (this.options.backoffMs ?? 0) > 0) return 1;
    // The guilty one is found in two steps, by roots: few crashes more for it, and few deliveries for the
    // innocent. Where each crash takes along what a stage holds, only once crashes go on.
    const step = isFreedEarly ? attempts - 2 : attempts;
    if (step < 0) return length;
    return step === 0 ? Math.ceil(Math.sqrt(length)) : 1;
  }

  private waitMs(attempts: number): number {
    const { backoffMs = 0, backoffMaxMs = backoffMs } = this.options;
    return Math.min(backoffMs * 2 ** attempts, backoffMaxMs);
  }

  private bury(
    lane: Lane<E>,
    single: Piece<E>,
    deadLetter: NonNullable<RetryOptions<E>['deadLetter']>,
  ): void {
    this.dying.add(single);
    const taken = async (): Promise<void> => deadLetter(single.events[0] as E, single.attempts);
    const buried = (): void => {
      this.dying.delete(single);
      this.deadLettered += 1;
      single.origin.settle();
      this.holder()?.wake();
    };
    // Not taken, so not given up either: it is tried once more.
    const refused = (): void => {
      this.dying.delete(single);
      lane.unshift([single]);
      this.holder()?.wake();
    };
    taken().then(buried, refused);
  }
}
