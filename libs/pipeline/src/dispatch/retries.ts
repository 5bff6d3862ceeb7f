import type { Dispatcher } from './dispatcher.ts';
import type { Lane } from './lane.ts';
import { Parking } from './parking.ts';
import { Delivery } from './delivery.ts';

/** What happens to events in the middle of which a consumer crashed, or whose key, selector or route threw. */
export interface RetryOptions<E> {
  /** How long such an event waits, and with it all that have its key; 0 by default. */
  readonly backoffMs?: number;
  /** Each further crash doubles the wait, up to this; without it every wait is the same. */
  readonly backoffMaxMs?: number;
  /** Crashes after which an event goes to `deadLetter`; of the last one it was the only event. */
  readonly attemptsMax?: number;
  /**
   * Takes what is given up: it counts as dealt with once this has returned, or its promise resolved. When it throws
   * or rejects, the event is not given up but tried again.
   */
  readonly deadLetter?: (event: E, attempts: number) => void | PromiseLike<void>;
}

/** What an outlet asks of the process it belongs to. */
export interface Holder {
  readonly isAlive: boolean;
  after(delayMs: number, run: () => void): void;
  /** Something happened outside of a turn. */
  wake(): void;
  /** An event failed outside of any consumer: told to the stage's `onCrash`, and to the system if it is the first time. */
  report(error: unknown, isFirst: boolean): void;
}

/** What an outlet does for its retries. */
export interface Returns<E> {
  holder(): Holder | undefined;
  /** Puts deliveries before all that waits in a lane, or in those that have taken its place. */
  putBack(lane: Lane<E>, deliveries: readonly Delivery<E>[]): void;
}

/** Events that are tried again: in which parts, after which wait, and which are given up instead. */
export class Retries<E> {
  /** Those that wait. */
  readonly parking: Parking<E>;
  /** Given up, and not yet taken by the dead letters. */
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

  /** So often tried, an event is given up. */
  isLost(attempts: number): boolean {
    const { attemptsMax = Infinity, deadLetter } = this.options;
    return deadLetter !== undefined && attempts >= attemptsMax;
  }

  /** How long an event waits that has failed so often before. */
  waitMs(attempts: number): number {
    const { backoffMs = 0, backoffMaxMs = backoffMs } = this.options;
    return backoffMs === 0 ? 0 : Math.min(backoffMs * 2 ** attempts, backoffMaxMs);
  }

  /**
   * What goes back to the lane, in order, of a delivery that may have crashed its consumer and of those
   * `before` it, which that consumer had, too.
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

  /** Hands an event to the dead letters. Where they do not take it, it is not given up, and told as a failure. */
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

  /** False when the lane's first delivery had to be cut because keys in it are parked. */
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
    // What has the key of a part and came before it waits as well, and before it.
    const passing = this.isKeyed ? before.flatMap((delivery) => this.parking.divert(delivery) ?? []) : [...before];
    parts.forEach((part, at) => this.parking.push(keys[at], part));
    this.returns.holder()?.after(waitMs, () => {
      for (const key of keys.reverse()) this.parking.release(key);
      this.returns.holder()?.wake();
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
}

/** The key that an event parks by; one that nothing else has, where there are no keys or this one cannot be told now. */
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
