import type { Runtime } from '@aisle/std';

/** How much of an event loop pipelines may take. */
export interface PaceOptions {
  /** The part of the time that may go into fetching and what follows from it within the turn; 0.4 by default. */
  readonly share?: number;
  /** Milliseconds of one turn of the event loop after which nothing more is fetched in it; 1 by default. */
  readonly turnMs?: number;
  /** Events of one fetch; 1,000 by default. */
  readonly batchMax?: number;
}

const WAIT_MIN_MS = 1;
/** What an event is taken to cost before the first turn has shown it. */
const EVENT_MS = 0.01;
/** How much of what events are taken to cost comes from the last turn. */
const NEWS = 0.3;

/**
 * Lets the pipelines of a process fetch only while their share of its event loop lasts, so that whatever they are set to,
 * the process goes on with all else that it does. A token bucket of time: a turn of the event loop in which something was
 * fetched costs what it took. Producers that have to wait are let in one after the other.
 */
export class Pace {
  private readonly share: number;
  private readonly turnMs: number;
  private readonly batchMax: number;
  /** What pipelines may spend now. Negative after a turn that took longer. */
  private creditMs: number;
  private countedAtMs = 0;
  /** When something was first fetched in this turn. */
  private turnAtMs: number | undefined = undefined;
  private fetchedInTurn = 0;
  /** What an event costs with all that follows from it. Most of that comes when it has been fetched already. */
  private eventMs = EVENT_MS;
  private readonly waiting = new Set<() => void>();
  private isAdmitting = false;

  constructor(
    private readonly runtime: Pick<Runtime, 'clock' | 'timers' | 'defer'>,
    { share = 0.4, turnMs = 1, batchMax = 1_000 }: PaceOptions = {},
  ) {
    if (!(share > 0 && share <= 1 && turnMs > 0 && batchMax >= 1)) {
      throw new RangeError(`no pace of ${share} of the time, ${turnMs} ms a turn, ${batchMax} events a fetch`);
    }
    this.share = share;
    this.turnMs = turnMs;
    this.batchMax = batchMax;
    this.creditMs = turnMs;
  }

  /** How many of `wanted` events may be fetched now. Only who `isAdmitted`, by `whenOpen`, comes before those who wait. */
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

  /** Gives back what was taken and not fetched. */
  giveBack(count: number): void {
    this.fetchedInTurn = Math.max(0, this.fetchedInTurn - count);
  }

  /** Calls `run` once, in a later turn in which there is time to fetch. Returns how not to. */
  whenOpen(run: () => void): () => void {
    this.waiting.add(run);
    this.admitLater();
    return () => void this.waiting.delete(run);
  }

  /** How many events this turn of the event loop has time for. */
  private room(nowMs: number): number {
    if (this.turnAtMs === undefined) this.count(nowMs);
    if (this.turnAtMs === undefined && this.creditMs <= 0) return 0;
    // However much events cost, one of them fits in.
    if (this.fetchedInTurn === 0) return Math.max(1, this.turnMs / this.eventMs);
    const usedMs = Math.max(nowMs - (this.turnAtMs ?? nowMs), this.fetchedInTurn * this.eventMs);
    return Math.max(0, (this.turnMs - usedMs) / this.eventMs);
  }

  private beginTurn(nowMs: number): void {
    this.turnAtMs = nowMs;
    // Processes that had to yield go on in the next turn: what they do then still follows from this one.
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

  /** Whoever comes next lets the one after that in, as long as there is room. */
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
