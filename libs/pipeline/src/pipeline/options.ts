import type { Backoff, MaybePromise } from '@aisle/supervision';
import type { RetryOptions } from '../dispatch/retries.ts';
import type { Pace } from '../source/pace.ts';
import type { OpenSource } from '../source/source.ts';
import type { Faults } from '../stage/faults.ts';

/** What of a pipeline may be changed while it runs. */
export interface PipelineShape {
  /** Producers, each with a source of its own; 1 by default. */
  readonly producers: number;
  /** Processors, each a process that deals with one batch at a time; 8 by default. */
  readonly processors: number;
  /** Events a second that each producer may fetch; `Infinity`, which is no limit, by default. */
  readonly rate: number;
  /** Events that may be with one processor from one producer without being acknowledged; 100 by default. */
  readonly maxDemand: number;
}

/** Takes processed events a batch at a time: `size` of them (100), or what came in `withinMs` (1,000). */
export interface BatcherOptions<O> {
  readonly size?: number;
  readonly withinMs?: number;
  /** Batches that are handled at the same time; 1 by default. */
  readonly concurrency?: number;
  /** Keeps the order of each key: events of a key are never in two batches at the same time. */
  readonly partitionBy?: (event: O) => string | number;
  /** Deals with a batch: its events are acknowledged when this has returned, or its promise resolved. */
  readonly handle: (events: readonly O[]) => MaybePromise<void>;
  /** As the pipeline's, for events in the middle of which `handle` threw. */
  readonly retry?: RetryOptions<O>;
}

/** Functions that hear what happens in a pipeline, for metrics and logs. What they throw surfaces as an unhandled rejection. */
export interface PipelineHooks {
  onFetched?(events: number): void;
  /** A fetched batch is acknowledged, so long after it was fetched. */
  onAcknowledged?(events: number, latencyMs: number): void;
  /** A stage, such as `processor 3`, crashed by what it threw; or an event's key, selector or dead letter failed in it. */
  onFailure?(stage: string, error: unknown): void;
  /** A stage has started again. */
  onRestart?(stage: string): void;
  /** An event was given up. */
  onDeadLetter?(event: unknown, attempts: number): void;
  /** The source did not take an acknowledgement; it's tried again. */
  onAckFailed?(error: unknown): void;
}

interface CommonOptions<E> extends Partial<PipelineShape> {
  /** The id of its supervisor; `pipeline` by default. */
  readonly id?: string;
  readonly source: OpenSource<E>;
  /** Shared by pipelines that must leave their process time for other work. Without it they fetch whenever there is demand. */
  readonly pace?: Pace;
  /** Keeps the order of each key: its events go to the same processor, one batch after the other. */
  readonly partitionBy?: (event: E) => string | number;
  /**
   * What happens to events in the middle of which a processor crashed. By default they wait 100 ms, twice as
   * long each further time up to 10 s, and are never given up.
   */
  readonly retry?: RetryOptions<E>;
  readonly faults?: Faults;
  readonly hooks?: PipelineHooks;
  /** Crashes within 5 s that a supervisor of stages puts up with; any number by default. */
  readonly maxRestarts?: number;
  /**
   * Waits before a producer or a processor that crashes again and again is started again; from 1 to 100 ms by default. A
   * crash costs what starting and subscribing costs, whatever the demand.
   */
  readonly backoff?: Backoff;
  /** How long the pipeline may take to run dry when it's asked to end; 30,000 ms by default. */
  readonly drainMs?: number;
}

interface Unbatched<E> {
  /** Deals with events: they are acknowledged when this has returned, or its promise resolved. */
  readonly process: (events: readonly E[]) => MaybePromise<void>;
  readonly batchers?: undefined;
}

interface Batched<E, O> {
  /** What of these events is to be batched; what comes to nothing is acknowledged at once. */
  readonly process: (events: readonly E[]) => MaybePromise<readonly O[]>;
  readonly batchers: Readonly<Record<string, BatcherOptions<O>>>;
  /** The batcher that an event is for; the first one where this is not given. */
  readonly route?: (event: O) => string;
}

/** What a pipeline is made of. What `process` or `handle` throws crashes its stage: the events come again. */
export type PipelineOptions<E, O = E> = CommonOptions<E> & (Unbatched<E> | Batched<E, O>);

/** Calls a function that takes one event for each of a batch, one after the other. */
export function each<E>(
  run: (event: E) => MaybePromise<void>,
): (events: readonly E[]) => Promise<void> {
  return async (events) => {
    for (const event of events) await run(event);
  };
}
