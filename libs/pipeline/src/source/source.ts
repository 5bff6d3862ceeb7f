import type { MaybePromise } from '@aisle/supervision';
import type { Runtime } from '@aisle/std';
import type { ended } from '../stage/producer.ts';

/** What a fetch comes to. */
export type Fetched<E> = readonly E[] | typeof ended;

/** Whether it has come at once. */
export function isHere<E>(fetched: MaybePromise<Fetched<E>>): fetched is Fetched<E> {
  return typeof fetched === 'symbol' || Array.isArray(fetched);
}

/** What a source is given when its producer starts. */
export interface SourceContext {
  readonly runtime: Runtime;
  /** Which of its pipeline's producers this is, from 0. */
  readonly index: number;
  /** Aborted when nothing more will be fetched: a fetch that waits for events may end with what there is. */
  readonly signal: AbortSignal;
  /** Asks again, after a fetch had fewer events than were demanded. */
  wake(): void;
}

/**
 * Where events come from and where acknowledgements go: a stream, a topic, a list. It need not survive a
 * crash of its producer, which starts with a source of its own; what has been fetched by then is kept.
 */
export interface Source<E> {
  /**
   * At most `demand` events: at once, or by a promise once there are some; `ended` when there will never be
   * more. With fewer it's asked again with the next demand, or after `wake`. What it throws crashes the
   * producer.
   */
  fetch(demand: number): MaybePromise<Fetched<E>>;
  /**
   * A fetched batch, the very array, is dealt with: the sink has each of its events, or the dead letters
   * have. When this throws or rejects it's called again after a while, until it doesn't.
   */
  ack?(events: readonly E[]): MaybePromise<void>;
  /** The producer ends. */
  close?(): MaybePromise<void>;
}

/** Makes a producer's source, once for each start of it. */
export type OpenSource<E> = (ctx: SourceContext) => Source<E>;
