import { Failure } from '@aisle/std';

/** The queue has reached its bound: its consumers are too slow, or there are none. */
export class QueueFull extends Failure {
  readonly kind = 'throttled';
  readonly code = 'broker.queue_full';
  constructor(framesMax: number) {
    super('the queue is full', { framesMax });
  }
}

/** This process has too much in flight: pushes that have not returned, or calls without an answer. */
export class Congested extends Failure {
  readonly kind = 'throttled';
  readonly code = 'broker.congested';
  constructor(limit: 'frames' | 'requests', max: number) {
    super('too many frames or requests are in flight in this process', { limit, max });
  }
}

/** Redis did not take the frame in time. It may still arrive, so a retry keeps its command id. */
export class TransportUnavailable extends Failure {
  readonly kind = 'unavailable';
  readonly code = 'broker.unavailable';
  constructor(override readonly cause: unknown) {
    super('the transport did not take the message in time');
  }
}

/** This process is shutting down. */
export class Closing extends Failure {
  readonly kind = 'unavailable';
  readonly code = 'broker.closing';
  constructor() {
    super('the process is shutting down');
  }
}

/** No answer came by the deadline. The command may have been applied, or may still be. */
export class DeadlinePassed extends Failure {
  readonly kind = 'unknown';
  readonly code = 'broker.deadline';
  constructor() {
    super('no answer came before the deadline');
  }
}

/** The maximum number of reads is waiting already. */
export class ReadsFull extends Failure {
  readonly kind = 'throttled';
  readonly code = 'broker.reads_full';
  constructor(waitingMax: number) {
    super('too many reads wait for their turn', { waitingMax, retryAfterMs: 1_000 });
  }
}

/** Earlier reads took until shortly before this one's deadline. */
export class NoTurn extends Failure {
  readonly kind = 'unavailable';
  readonly code = 'broker.no_turn';
  constructor() {
    super('earlier reads took until shortly before the deadline', { retryAfterMs: 1_000 });
  }
}

/** The header's texts do not fit into a frame. */
export class HeaderTooLong extends Failure {
  readonly kind = 'invalid';
  readonly code = 'broker.header_too_long';
  constructor(charactersMax: number) {
    super('the header is too long', { charactersMax });
  }
}

/** The bytes are not a frame of this version. */
export class FrameCorrupt extends Failure {
  readonly kind = 'invalid';
  readonly code = 'broker.frame_corrupt';
  constructor() {
    super('the frame is corrupt');
  }
}

/** The bytes are not an encoded body. */
export class BodyCorrupt extends Failure {
  readonly kind = 'invalid';
  readonly code = 'broker.body_corrupt';
  constructor(override readonly cause: unknown) {
    super('the body is corrupt');
  }
}

/**
 * The receiver crashed on the request: it threw something other than a `Failure`, and logged it. This is no Failure
 * either, so that the caller treats it as a bug: HTTP 500, and no detail.
 */
export class RemoteCrash extends Error {
  readonly code = 'internal';
  constructor() {
    super('the receiver crashed on the request');
    this.name = 'RemoteCrash';
  }
}
