import { checkNumber, type Runtime } from '@aisle/std';

/** The default burst: a tenth of a second's events. */
const BURST_SECONDS = 0.1;
/**
 * Waiting producers are woken for several events at once, because a wake-up per event would cost more than the event.
 */
const WAKE_SECONDS = 0.005;
const WAIT_MIN_MS = 1;

/** A token bucket. Several producers may share it, and its rate may change while it is used. */
export class RateLimit {
  private perSecondNow: number;
  /** The first event need not wait. */
  private tokens = 1;
  private countedAtMs: number | undefined = undefined;
  private readonly waiting = new Set<() => void>();

  /** `perSecond` events, `Infinity` for no limit. `burst` events may come at once after a lull. */
  constructor(
    perSecond: number,
    private readonly burst?: number,
  ) {
    this.perSecondNow = checked(perSecond);
    if (burst !== undefined) checkNumber('burst', burst, { min: 1, isWhole: false, isEndless: true });
  }

  get perSecond(): number {
    return this.perSecondNow;
  }

  /** Applies from now on. */
  set perSecond(perSecond: number) {
    this.perSecondNow = checked(perSecond);
    for (const wake of [...this.waiting]) wake();
  }

  /** The number of events, up to `wanted`, that may come now. */
  take(wanted: number, { clock }: Pick<Runtime, 'clock'>): number {
    if (this.perSecondNow === Infinity) return wanted;
    if (this.perSecondNow === 0) return 0;
    this.count(clock.monotonicMs());
    const taken = Math.min(wanted, Math.floor(this.tokens));
    this.tokens -= taken;
    return taken;
  }

  /** Gives back events that were granted and not used. */
  giveBack(count: number): void {
    if (this.perSecondNow !== Infinity) this.tokens += count;
  }

  /** Calls `run` once, when the next event may come or the rate has changed. Returns a function that cancels it. */
  whenAllowed({ timers }: Pick<Runtime, 'timers'>, run: () => void): () => void {
    const worthIt = Math.min(this.burstNow, Math.max(1, this.perSecondNow * WAKE_SECONDS));
    const waitMs = Math.max(WAIT_MIN_MS, ((worthIt - this.tokens) * 1_000) / this.perSecondNow);
    const timer = waitMs < Infinity ? timers.after(waitMs, () => wake()) : undefined;
    const cancel = (): void => {
      timer?.cancel();
      this.waiting.delete(wake);
    };
    const wake = (): void => {
      cancel();
      run();
    };
    this.waiting.add(wake);
    return cancel;
  }

  private get burstNow(): number {
    return this.burst ?? Math.max(1, this.perSecondNow * BURST_SECONDS);
  }

  private count(nowMs: number): void {
    const passedMs = nowMs - (this.countedAtMs ?? nowMs);
    this.tokens = Math.min(this.burstNow, this.tokens + (passedMs * this.perSecondNow) / 1_000);
    this.countedAtMs = nowMs;
  }
}

function checked(perSecond: number): number {
  return checkNumber('rate', perSecond, { min: 0, isWhole: false, isEndless: true });
}
