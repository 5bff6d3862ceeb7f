import type { Dispatcher } from './dispatcher.ts';
import type { Lane } from './lane.ts';
import { Parking } from './parking.ts';
import { Delivery } from './delivery.ts';

/** The treatment of events that crashed a consumer, or whose key, selector or route threw. */
export interface RetryOptions<E> {
  /** The wait of such an event, and of all events with its key; 0 by default. */
  readonly backoffMs?: number;
  /** The maximum of the wait, which doubles with each further crash. Without it every wait is the same. */
  readonly backoffMaxMs?: number;
  /**
   * The number of crashes after which an event goes to `deadLetter`. In the last crash it was the only event of its
   * batch.
   */
  readonly attemptsMax?: number;
  /**
   * Takes an event that is given up. The event is settled once this has returned or its promise has resolved. If it
   * throws or rejects, the event is tried again.
   */
  readonly deadLetter?: (event: E, attempts: number) => void | PromiseLike<void>;
}

/** The process that an outlet belongs to, as the outlet sees it. */
export interface Holder {
  readonly isAlive: boolean;
  after(delayMs: number, run: () => void): void;
  /** There may be work after something happened outside of a turn. */
  wake(): void;
  /**
   * Reports an event that failed outside of a consumer: to the stage's `onCrash`, and to the system if it is the first
   * failure.
   */
  report(error: unknown, isFirst: boolean): void;
}

/** The operations of an outlet that its retries use. */
export interface Returns<E> {
  holder(): Holder | undefined;
  /** Puts deliveries before everything that waits in a lane, or in the lanes that have replaced it. */
  putBack(lane: Lane<E>, deliveries: readonly Delivery<E>[]): void;
}

/** Decides about events that are tried again: in which parts, after which wait, and when they are given up. */
export class Retries<E> {
  /** Events that wait. */
  readonly parking: Parking<E>;
  /** Events that are given up, and not yet taken by the dead letters. */
  dying = 0;
  deadLettered = 0;
  private readonly isKeyed: boolean;

  constructor(
    private readonly options: RetryOptions<E>,
    dispatcher: Dispatcher<E>,
    private readonly returns: Returns<E>,
  ) {
    this.isKeyed = dispatcher.kind === 'partition';
    this.parking = new Parking(keyOf(dispatcher));
  }

  /** True if an event is given up after so many attempts. */
  isLost(attempts: number): boolean {
    const { attemptsMax = Infinity, deadLetter } = this.options;
    return deadLetter !== undefined && attempts >= attemptsMax;
  }

  /** The wait of an event after so many earlier failures. */
  waitMs(attempts: number): number {
    const { backoffMs = 0, backoffMaxMs = backoffMs } = this.options;
    return backoffMs === 0 ? 0 : Math.min(backoffMs * 2 ** attempts, backoffMaxMs);
  }

  /**
   * The deliveries that go back to the lane, in order: the parts of one that may have crashed its consumer, and the
   * ones `before` it that the consumer had as well.
   */
  partsOf(lane: Lane<E>, { events, origin, attempts, subscription }: Delivery<E>, before: Delivery<E>[]): Delivery<E>[] {
    const { backoffMs = 0 } = this.options;
    if (events.length === 1 && this.isLost(attempts + 1)) {
      const single = new Delivery(events, origin, attempts + 1);
      this.bury(events[0] as E, single.attempts, {
        taken: () => origin.settle(),
        refused: () => this.returns.putBack(lane, [single]),
      });
      return before;
    }
    const size = this.partSize(events.length, attempts, subscription?.isFreedEarly === true);
    const parts: Delivery<E>[] = [];
    for (let at = 0; at < events.length; at += size) {
      parts.push(new Delivery(events.slice(at, at + size), origin, attempts + 1));
    }
    return backoffMs === 0 ? [...before, ...parts] : this.park(lane, parts, before);
  }

  /**
   * Gives an event to the dead letters. If they do not take it, this is reported as a failure, and the event is not
   * given up.
   */
  bury(event: E, attempts: number, then: { taken(): void; refused(): void }): void {
    const { deadLetter } = this.options;
    this.dying += 1;
    const take = async (): Promise<void> => deadLetter?.(event, attempts);
    const taken = (): void => {
      this.dying -= 1;
      this.deadLettered += 1;
      then.taken();
      this.returns.holder()?.wake();
    };
    const refused = (error: unknown): void => {
      const holder = this.returns.holder();
      const back = (): void => {
        this.dying -= 1;
        then.refused();
        this.returns.holder()?.wake();
      };
      const waitMs = this.waitMs(attempts - 1);
      holder?.report(error, true);
      if (waitMs > 0) holder?.after(waitMs, back);
      else back();
    };
    take().then(taken, refused);
  }

  /** False if the lane's first delivery was cut, because keys in it are parked. */
  divert(lane: Lane<E>): boolean {
    if (!this.isKeyed || this.parking.isEmpty) return true;
    const first = lane.first as Delivery<E>;
    const whole = lane.take(first.events.length);
    const passing = this.parking.divert(whole);
    if (passing !== undefined) lane.unshift([passing]);
    return passing === whole;
  }

  private park(lane: Lane<E>, parts: readonly Delivery<E>[], before: readonly Delivery<E>[]): Delivery<E>[] {
    const waitMs = this.waitMs((parts[0]?.attempts ?? 1) - 1);
    const keys = parts.map((part) => this.parking.open(lane, part));
    // Earlier events with the key of a part wait as well, and before it.
    const passing = this.isKeyed ? before.flatMap((delivery) => this.parking.divert(delivery) ?? []) : [...before];
    parts.forEach((part, at) => this.parking.push(keys[at], part));
    this.returns.holder()?.after(waitMs, () => {
      for (const key of keys.reverse()) this.parking.release(key);
      this.returns.holder()?.wake();
    });
    return passing;
  }

  private partSize(length: number, attempts: number, isFreedEarly: boolean): number {
    // A key is parked per event.
    if (this.isKeyed && (this.options.backoffMs ?? 0) > 0) return 1;
    // The guilty event is found in two steps, each by the square root of the size. That costs it few more crashes, and
    // the innocent events few more deliveries. If each crash affects everything that a stage holds, this starts only
    // after repeated crashes.
    const step = isFreedEarly ? attempts - 2 : attempts;
    if (step < 0) return length;
    return step === 0 ? Math.ceil(Math.sqrt(length)) : 1;
  }
}

/** The key by which an event parks. Without keys, or if the key fails now, it is a unique value. */
function keyOf<E>(dispatcher: Dispatcher<E>): (event: E) => unknown {
  if (dispatcher.kind !== 'partition') return () => Symbol();
  return (event) => {
    try {
      return dispatcher.by(event);
    } catch {
      return Symbol();
    }
  };
}
