import { failures } from '@aisle/std';
import type { RangeMs } from '../world/chance.ts';

/** Random faults of frames. Probabilities are per push, and 0 unless given. */
export interface NetworkFaults {
  /** The latency of one way between a process and the broker. Each frame draws its own, so that frames overtake each other. */
  readonly latencyMs: RangeMs;
  /** The push succeeds, but the frame is lost. */
  readonly dropped: number;
  /** The push rejects as `unavailable`, but a consumer receives the frame. */
  readonly unanswered: number;
  /** The frame arrives twice. */
  readonly duplicated: number;
  /** The frame's latency is drawn from `slowMs`. */
  readonly slow: number;
  readonly slowMs: RangeMs;
}

/** Random faults and limits of a simulated network. */
export interface NetworkOptions extends NetworkFaults {
  /** A push without an answer rejects after this time. */
  readonly pushTimeoutMs: number;
  /** A push to a queue of this length is refused as `throttled`. */
  readonly queueFramesMax: number;
  /** A queue without consumers loses its frames this long after the last push. */
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

// These failures have the kinds and codes of a transport over Redis, so that the same code handles both.

/** Failures of the transport, as the real one throws them. */
export const NetworkFailure = failures('broker', {
  /** The queue is at its bound; nobody gets the frame. */
  queueFull: ['throttled', 'the queue is full', (framesMax: number) => ({ framesMax })],
  /** No answer in time; somebody may still get the frame. */
  unavailable: ['unavailable', 'the transport did not take the message in time'],
  /** The process closed its transport. */
  closing: ['unavailable', 'the process is shutting down'],
});
