import type { MaybePromise } from '@aisle/supervision';
import type { Runtime } from '@aisle/std';
import type { ended } from '../stage/producer.ts';

/** The result of a fetch. */
export type Fetched<E> = readonly E[] | typeof ended;

/** True if the result came at once. */
export function isHere<E>(fetched: MaybePromise<Fetched<E>>): fetched is Fetched<E> {
  return typeof fetched === 'symbol' || Array.isArray(fetched);
}

/** The context of a source, for each start of its producer. */
export interface SourceContext {
  readonly runtime: Runtime;
  /** The index of this producer in its pipeline, from 0. */
  readonly index: number;
  /** Aborted when nothing more will be fetched. A fetch that waits for events may then end with what it has. */
  readonly signal: AbortSignal;
  /** Asks for another fetch, after one that returned fewer events than demanded. */
  wake(): void;
}

/**
 * An origin of events that takes acknowledgements: a stream, a topic, a list. It need not survive a crash of its
 * producer, since each start makes a new source. Events that were fetched before are kept.
 */
export interface Source<E> {
  /**
   * Returns at most `demand` events: at once, or by a promise once there are some; `ended` when there will never be
   * more. After fewer events it is asked again with the next demand, or after `wake`. An error crashes the producer.
   */
  fetch(demand: number): MaybePromise<Fetched<E>>;
  /**
   * Acknowledges a fetched batch, as the very same array: each of its events is with the sink or with the dead letters.
   * If this throws or rejects it is repeated after a while, until it succeeds.
   */
  ack?(events: readonly E[]): MaybePromise<void>;
  /** The producer ends. */
  close?(): MaybePromise<void>;
}

/** Makes a producer's source, once for each start. */
export type OpenSource<E> = (ctx: SourceContext) => Source<E>;
