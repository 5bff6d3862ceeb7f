import { failures } from '@aisle/std';
import type { RangeMs } from '../world/chance.ts';

/** What goes wrong with frames on its own; probabilities are per push. Nothing but latency unless told. */
export interface NetworkFaults {
  /** One way between a process and the broker; each hop draws its own, so that frames overtake each other. */
  readonly latencyMs: RangeMs;
  /** The push is answered, and nobody gets the frame. */
  readonly dropped: number;
  /** The push rejects as `unavailable`, and somebody gets the frame all the same. */
  readonly unanswered: number;
  /** The frame arrives twice. */
  readonly duplicated: number;
  /** The frame takes as long as `slowMs` says. */
  readonly slow: number;
  readonly slowMs: RangeMs;
}

export interface NetworkOptions extends NetworkFaults {
  /** How long a push waits for its answer before it rejects. */
  readonly pushTimeoutMs: number;
  /** A push to a queue of this length is refused. */
  readonly queueFramesMax: number;
  /** A queue that nobody consumes is empty again this long after the last push to it. */
  readonly queueExpiryMs: number;
}

export const NO_FAULTS = { dropped: 0, unanswered: 0, duplicated: 0, slow: 0 };

export const NETWORK_DEFAULTS: NetworkOptions = {
  ...NO_FAULTS,
  latencyMs: [0.2, 1],
  slowMs: [50, 500],
  pushTimeoutMs: 1_000,
  queueFramesMax: 1_024,
  queueExpiryMs: 60_000,
};

// Of the kinds and codes that a transport over Redis throws: whoever handles those handles these.

/** Failures of the transport, as the real one throws them. */
export const NetworkFailure = failures('broker', {
  /** The queue is at its bound; nobody gets the frame. */
  queueFull: ['throttled', 'the queue is full', (framesMax: number) => ({ framesMax })],
  /** No answer in time; somebody may still get the frame. */
  unavailable: ['unavailable', 'the transport did not take the message in time'],
  /** The process closed its transport. */
  closing: ['unavailable', 'the process is shutting down'],
});
