import type { Runtime } from '@aisle/std';

/** The part of an event loop that pipelines may use. */
export interface PaceOptions {
  /** The part of the time for fetches and their consequences within the turn; 0.4 by default. */
  readonly share?: number;
  /** Milliseconds of one turn of the event loop, after which nothing more is fetched in it; 1 by default. */
  readonly turnMs?: number;
  /** Events per fetch; 1,000 by default. */
  readonly batchMax?: number;
}

const WAIT_MIN_MS = 1;
/** The assumed cost of an event before the first measurement. */
const EVENT_MS = 0.01;
/** The weight of the last turn in the estimated cost of an event. */
const NEWS = 0.3;

/**
 * Lets the pipelines of a process fetch only while their share of its event loop lasts, so that the process can do its
 * other work under any settings. It is a token bucket of time: a turn of the event loop with a fetch costs its
 * duration. Waiting producers are admitted one after another.
 */
export class Pace {
  private readonly share: number;
  private readonly turnMs: number;
  private readonly batchMax: number;
  /** The time that pipelines may spend now. Negative after a long turn. */
  private creditMs: number;
  private countedAtMs = 0;
  /** The time of the first fetch in this turn. */
  private turnAtMs: number | undefined = undefined;
  private fetchedInTurn = 0;
  /** The estimated cost of an event with its consequences, most of which follow the fetch. */
  private eventMs = EVENT_MS;
  private readonly waiting = new Set<() => void>();
  private isAdmitting = false;

  constructor(
    private readonly runtime: Pick<Runtime, 'clock' | 'timers' | 'defer'>,
    { share = 0.4, turnMs = 1, batchMax = 1_000 }: PaceOptions = {},
  ) {
    if (!(share > 0 && share <= 1 && turnMs > 0 && batchMax >= 1)) {
      throw new RangeError(`invalid pace: share is ${share} (above 0, at most 1), turnMs is ${turnMs} (above 0), batchMax is ${batchMax} (at least 1)`);
    }
    this.share = share;
    this.turnMs = turnMs;
    this.batchMax = batchMax;
    this.creditMs = turnMs;
  }

  /**
   * The number of events, up to `wanted`, that may be fetched now. Only a caller admitted by `whenOpen` (`isAdmitted`)
   * comes before the waiting ones.
   */
  take(wanted: number, isAdmitted = false): number {
    if (this.waiting.size > 0 && !isAdmitted) return 0;
    const nowMs = this.runtime.clock.monotonicMs();
    const taken = Math.min(wanted, this.batchMax, Math.floor(this.room(nowMs)));
    if (taken === 0) return 0;
    if (this.turnAtMs === undefined) this.beginTurn(nowMs);
    this.fetchedInTurn += taken;
    if (isAdmitted && this.room(nowMs) >= 1) this.admitNext();
    return taken;
  }

  /** Gives back events that were granted and not fetched. */
  giveBack(count: number): void {
    this.fetchedInTurn = Math.max(0, this.fetchedInTurn - count);
  }

  /** Calls `run` once, in a later turn that has time to fetch. Returns a function that cancels it. */
  whenOpen(run: () => void): () => void {
    this.waiting.add(run);
    this.admitLater();
    return () => void this.waiting.delete(run);
  }

  /** The number of events for which this turn of the event loop has time. */
  private room(nowMs: number): number {
    if (this.turnAtMs === undefined) this.count(nowMs);
    if (this.turnAtMs === undefined && this.creditMs <= 0) return 0;
    // At least one event fits in, whatever events cost.
    if (this.fetchedInTurn === 0) return Math.max(1, this.turnMs / this.eventMs);
    const usedMs = Math.max(nowMs - (this.turnAtMs ?? nowMs), this.fetchedInTurn * this.eventMs);
    return Math.max(0, (this.turnMs - usedMs) / this.eventMs);
  }

  private beginTurn(nowMs: number): void {
    this.turnAtMs = nowMs;
    // Processes that had to yield go on in the next turn. Their work there still belongs to this turn's fetch.
    this.runtime.defer(() => this.runtime.defer(this.endTurn));
  }

  private readonly endTurn = (): void => {
    const nowMs = this.runtime.clock.monotonicMs();
    const tookMs = nowMs - (this.turnAtMs ?? nowMs);
    this.count(nowMs);
    this.creditMs -= tookMs;
    if (this.fetchedInTurn > 0) this.eventMs += NEWS * (tookMs / this.fetchedInTurn - this.eventMs);
    this.turnAtMs = undefined;
    this.fetchedInTurn = 0;
  };

  private admitLater(): void {
    if (this.isAdmitting || this.waiting.size === 0) return;
    this.isAdmitting = true;
    this.count(this.runtime.clock.monotonicMs());
    if (this.creditMs > 0) this.runtime.defer(this.admit);
    else this.runtime.timers.after(Math.max(WAIT_MIN_MS, -this.creditMs / this.share), this.admit, { background: true });
  }

  private readonly admit = (): void => {
    this.isAdmitting = false;
    if (this.room(this.runtime.clock.monotonicMs()) >= 1) this.admitNext();
    this.admitLater();
  };

  /** Admits the next waiting producer while there is room. */
  private admitNext(): void {
    const [run] = this.waiting;
    if (run === undefined) return;
    this.waiting.delete(run);
    run();
  }

  private count(nowMs: number): void {
    this.creditMs = Math.min(this.turnMs, this.creditMs + (nowMs - this.countedAtMs) * this.share);
    this.countedAtMs = nowMs;
  }
}
