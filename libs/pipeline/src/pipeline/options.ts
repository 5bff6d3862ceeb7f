import type { Backoff, MaybePromise } from '@aisle/supervision';
import type { RetryOptions } from '../dispatch/retries.ts';
import type { Pace } from '../source/pace.ts';
import type { OpenSource } from '../source/source.ts';
import type { Faults } from '../stage/faults.ts';

/** The properties of a pipeline that may change while it runs. */
export interface PipelineShape {
  /** Producers, each with a source of its own; 1 by default. */
  readonly producers: number;
  /** Processors, each a process that handles one batch at a time; 8 by default. */
  readonly processors: number;
  /** Events per second that each producer may fetch; `Infinity`, which means no limit, by default. */
  readonly rate: number;
  /** Unacknowledged events that one processor may have from one producer; 100 by default. */
  readonly maxDemand: number;
}

/** Groups processed events into batches: of `size` events (100), or of the events within `withinMs` (1,000). */
export interface BatcherOptions<O> {
  readonly size?: number;
  readonly withinMs?: number;
  /** Batches that are handled concurrently; 1 by default. */
  readonly concurrency?: number;
  /** Keeps the order of each key: two concurrent batches never have events of one key. */
  readonly partitionBy?: (event: O) => string | number;
  /** Handles a batch. Its events are acknowledged when this has returned or its promise has resolved. */
  readonly handle: (events: readonly O[]) => MaybePromise<void>;
  /** Like the pipeline's `retry`, for events during which `handle` threw. */
  readonly retry?: RetryOptions<O>;
}

/**
 * Functions that are told of the events of a pipeline's life, for metrics and logs. An error in them surfaces as an
 * unhandled rejection.
 */
export interface PipelineHooks {
  onFetched?(events: number): void;
  /** A fetched batch is acknowledged, `latencyMs` after its fetch. */
  onAcknowledged?(events: number, latencyMs: number): void;
  /**
   * A stage, such as `processor 3`, crashed with this error; or an event's key, selector or dead letter failed in it.
   */
  onFailure?(stage: string, error: unknown): void;
  /** A stage was restarted. */
  onRestart?(stage: string): void;
  /** An event was given up. */
  onDeadLetter?(event: unknown, attempts: number): void;
  /** The source did not take an acknowledgement; it is repeated. */
  onAckFailed?(error: unknown): void;
}

interface CommonOptions<E> extends Partial<PipelineShape> {
  /** The id of its supervisor; `pipeline` by default. */
  readonly id?: string;
  readonly source: OpenSource<E>;
  /**
   * Shared by pipelines that must leave their process time for other work. Without it they fetch whenever there is
   * demand.
   */
  readonly pace?: Pace;
  /** Keeps the order of each key: its events go to the same processor, one batch after another. */
  readonly partitionBy?: (event: E) => string | number;
  /**
   * The treatment of events during which a processor crashed. By default they wait 100 ms, twice as long each further
   * time up to 10 s, and are never given up.
   */
  readonly retry?: RetryOptions<E>;
  readonly faults?: Faults;
  readonly hooks?: PipelineHooks;
  /** Crashes within 5 s that a supervisor of stages tolerates; any number by default. */
  readonly maxRestarts?: number;
  /**
   * The waits before a repeatedly crashing producer or processor restarts; from 1 to 100 ms by default. A crash costs a
   * start and a subscription, whatever the demand.
   */
  readonly backoff?: Backoff;
  /** The time that the pipeline has to run dry at its end; 30,000 ms by default. */
  readonly drainMs?: number;
}

interface Unbatched<E> {
  /** Handles events. They are acknowledged when this has returned or its promise has resolved. */
  readonly process: (events: readonly E[]) => MaybePromise<void>;
  readonly batchers?: undefined;
}

interface Batched<E, O> {
  /** The results of these events, to be batched. An event without results is acknowledged at once. */
  readonly process: (events: readonly E[]) => MaybePromise<readonly O[]>;
  readonly batchers: Readonly<Record<string, BatcherOptions<O>>>;
  /** The batcher of an event; the first one by default. */
  readonly route?: (event: O) => string;
}

/** The options of a pipeline. An error in `process` or `handle` crashes its stage, and the events come again. */
export type PipelineOptions<E, O = E> = CommonOptions<E> & (Unbatched<E> | Batched<E, O>);

/** Turns a function of one event into a function of a batch, which calls it for one event after another. */
export function each<E>(
  run: (event: E) => MaybePromise<void>,
): (events: readonly E[]) => Promise<void> {
  return async (events) => {
    for (const event of events) await run(event);
  };
}
