/**
 * Queues of frames with competing consumers: each pushed frame goes to one consumer of its queue,
 * in order for a single one. What is promised is little, so that Redis can keep it: a frame may
 * arrive twice (a push is sent again after a reconnect) or not at all (a consumer dies with what it
 * popped), so everything above is idempotent and has a deadline.
 */
export interface Transport {
  /**
   * Resolves once the frame is in the queue. Throws `broker.queue_full` (throttled), and then
   * nobody gets the frame; `broker.unavailable` (unavailable) when the queue can't be reached in time, and
   * then somebody still may; `broker.closing` (unavailable) after `close`.
   */
  push(queue: string, frame: Uint8Array): Promise<void>;
  /** `onFrame` must not throw: that is a bug, and surfaces as an unhandled rejection. */
  consume(queue: string, onFrame: OnFrame, options?: ConsumeOptions): Consumer;
  /** Stops every consumer, waits for the pushes under way, disconnects. */
  close(): Promise<void>;
}

/** A frame counts as in flight until what this returns has settled. */
export type OnFrame = (frame: Uint8Array) => void | Promise<void>;

/** The bound on what one consumer takes. */
export interface ConsumeOptions {
  /** Frames in flight at once; the rest stays in the queue for others. 64 unless given. */
  inFlightMax?: number;
}

/** One of those that compete for the frames of a queue. */
export interface Consumer {
  /** Takes no more frames, and resolves when those in flight are done. Calling it again is fine. */
  stop(): Promise<void>;
}

/** What both transports take unless told otherwise. */
export const TRANSPORT_DEFAULTS = {
  /** With 64 messages a frame this is far more than a consumer clears before their deadlines. */
  queueFramesMax: 1_024,
  /** Longer than any deadline: a queue whose consumer died is gone soon after its last push. */
  queueExpiryMs: 60_000,
  inFlightMax: 64,
};
