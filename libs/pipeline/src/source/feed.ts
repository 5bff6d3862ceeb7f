import type { Runtime } from '@aisle/std';
import type { MaybePromise } from '@aisle/supervision';
import type { Producer } from '../stage/producer.ts';
import type { StageContext } from '../stage/stage.ts';
import { isHere, type Fetched, type OpenSource, type Source } from './source.ts';

/** Functions that watch a feed. */
export interface FeedWatch {
  onFetched?(events: number): void;
  /** A batch is acknowledged, `latencyMs` after its fetch. */
  onAcknowledged?(events: number, latencyMs: number): void;
  /** The source did not take an acknowledgement; it is repeated. */
  onAckFailed?(error: unknown): void;
}

/**
 * The maximum of events with pending acknowledgements. Above it the source is asked for nothing until it has taken
 * some.
 */
const OWED_MAX = 10_000;
const AGAIN_MS = 100;
/**
 * The number of attempts after the producer's end. The source gives unacknowledged events again, so an ended pipeline
 * may stop trying.
 */
const TRIES_WITHOUT_SOURCE = 300;

/**
 * The state of a source's producer that outlives each start: fetched batches with their times, and acknowledgements
 * that the source has not taken.
 */
export class Feed<E> {
  private readonly fetchedAtMs = new Map<readonly E[], number>();
  private source: Source<E> | undefined = undefined;
  private owed = 0;
  private waiting: (() => void)[] = [];

  constructor(
    private readonly open: OpenSource<E>,
    private readonly index: number,
    private readonly watch: FeedWatch = {},
  ) {}

  /** Resolves once the source has taken all present acknowledgements. */
  async settled(): Promise<void> {
    while (this.owed > 0) await this.change();
  }

  /** The producer callbacks over this feed. */
  start({ runtime, wake }: StageContext): Producer<E> {
    const stopping = new AbortController();
    const source = this.open({ runtime, wake, index: this.index, signal: stopping.signal });
    this.source = source;
    return {
      handleDemand: (demand) => this.fetch(source, demand, runtime),
      handleAck: (events) => this.ack(events, runtime),
      handleDrain: () => stopping.abort(),
      close: () => {
        stopping.abort();
        if (this.source === source) this.source = undefined;
        return source.close?.();
      },
    };
  }

  private fetch(source: Source<E>, demand: number, runtime: Runtime): MaybePromise<Fetched<E>> {
    if (this.owed >= OWED_MAX) return this.change().then(() => []);
    const fetched = source.fetch(demand);
    if (isHere(fetched)) return this.note(fetched, runtime);
    return fetched.then((events) => this.note(events, runtime));
  }

  private note(events: Fetched<E>, { clock }: Runtime): Fetched<E> {
    if (typeof events === 'symbol' || events.length === 0) return events;
    this.fetchedAtMs.set(events, clock.monotonicMs());
    this.watch.onFetched?.(events.length);
    return events;
  }

  private ack(events: readonly E[], runtime: Runtime): void {
    const nowMs = runtime.clock.monotonicMs();
    this.watch.onAcknowledged?.(events.length, nowMs - (this.fetchedAtMs.get(events) ?? nowMs));
    this.fetchedAtMs.delete(events);
    if (this.source !== undefined && this.source.ack === undefined) return;
    this.owed += events.length;
    void this.insist(events, runtime).then(() => {
      this.owed -= events.length;
      for (const resolve of this.waiting.splice(0)) resolve();
    });
  }

  /** Repeats until the source takes the acknowledgement. It gives up only if no producer has started for long. */
  private async insist(events: readonly E[], runtime: Runtime): Promise<void> {
    for (let tries = 0; this.source !== undefined || tries < TRIES_WITHOUT_SOURCE; tries += 1) {
      try {
        if (this.source !== undefined) return await this.source.ack?.(events);
      } catch (error) {
        tries = 0;
        this.watch.onAckFailed?.(error);
      }
      await again(runtime);
    }
  }

  private change(): Promise<void> {
    return new Promise((resolve) => void this.waiting.push(resolve));
  }
}

function again({ timers }: Runtime): Promise<void> {
  return new Promise((resolve) => void timers.after(AGAIN_MS, resolve, { background: true }));
}
