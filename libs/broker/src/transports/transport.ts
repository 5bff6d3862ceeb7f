/**
 * Queues of frames with competing consumers. Each pushed frame goes to one consumer of its queue, and in order if there
 * is only one. The guarantees are weak, so that Redis can keep them. A frame may arrive twice, because a push is
 * repeated after a reconnect. It may not arrive at all, because a consumer dies with it. So everything above must be
 * idempotent and have a deadline.
 */
export interface Transport {
  /**
   * Resolves once the frame is in the queue. Rejects with:
   * - `broker.queue_full` (throttled): no consumer gets the frame;
   * - `broker.unavailable` (unavailable) when the queue cannot be reached in time: a consumer may still get the frame;
   * - `broker.closing` (unavailable) after `close`.
   */
  push(queue: string, frame: Uint8Array): Promise<void>;
  /** `onFrame` must not throw: that is a bug, and surfaces as an unhandled rejection. */
  consume(queue: string, onFrame: OnFrame, options?: ConsumeOptions): Consumer;
  /** Stops every consumer, waits for pending pushes, and disconnects. */
  close(): Promise<void>;
}

/** A frame counts as in flight until the returned promise settles. */
export type OnFrame = (frame: Uint8Array) => void | Promise<void>;

/** The bound on the frames of one consumer. */
export interface ConsumeOptions {
  /** Frames in flight at once; 64 by default. The others stay in the queue for other consumers. */
  inFlightMax?: number;
}

/** One of the consumers that compete for the frames of a queue. */
export interface Consumer {
  /** Takes no further frames. Resolves when those in flight are done. May be called again. */
  stop(): Promise<void>;
}

/** The default bounds of both transports. */
export const TRANSPORT_DEFAULTS = {
  /** With 64 messages a frame this is far more than a consumer can clear before their deadlines. */
  queueFramesMax: 1_024,
  /** Longer than any deadline. A queue whose consumer died is dropped soon after its last push. */
  queueExpiryMs: 60_000,
  inFlightMax: 64,
};
