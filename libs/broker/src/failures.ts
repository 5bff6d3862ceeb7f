import { Failure } from '@aisle/std';

/** The queue is longer than its bound: its consumers can't keep up, or there are none. */
export class QueueFull extends Failure {
  readonly kind = 'throttled';
  readonly code = 'broker.queue_full';
  constructor(framesMax: number) {
    super('the queue is full', { framesMax });
  }
}

/** This process has too much under way: pushes that did not return, or calls without an answer. */
export class Congested extends Failure {
  readonly kind = 'throttled';
  readonly code = 'broker.congested';
  constructor(limit: 'frames' | 'requests', max: number) {
    super('too much is under way', { limit, max });
  }
}

/** Redis did not take the frame in time. It may still arrive, so a retry keeps its command id. */
export class TransportUnavailable extends Failure {
  readonly kind = 'unavailable';
  readonly code = 'broker.unavailable';
  constructor(override readonly cause: unknown) {
    super('the transport is unavailable');
  }
}

/** This process is about to end. */
export class Closing extends Failure {
  readonly kind = 'unavailable';
  readonly code = 'broker.closing';
  constructor() {
    super('the process is closing');
  }
}

/** No answer by the deadline: the command may have been applied, or still be. */
export class DeadlinePassed extends Failure {
  readonly kind = 'unknown';
  readonly code = 'broker.deadline';
  constructor() {
    super('no answer came before the deadline');
  }
}

/** As many reads wait for their turn as may. */
export class ReadsFull extends Failure {
  readonly kind = 'throttled';
  readonly code = 'broker.reads_full';
  constructor(waitingMax: number) {
    super('too many reads wait for their turn', { waitingMax, retryAfterMs: 1_000 });
  }
}

/** The reads that came before this one took until its deadline was near. */
export class NoTurn extends Failure {
  readonly kind = 'unavailable';
  readonly code = 'broker.no_turn';
  constructor() {
    super('other reads came first, until there was no time left', { retryAfterMs: 1_000 });
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

/** The bytes are no frame of this version. */
export class FrameCorrupt extends Failure {
  readonly kind = 'invalid';
  readonly code = 'broker.frame_corrupt';
  constructor() {
    super('the frame is corrupt');
  }
}

/** The bytes are no encoded body. */
export class BodyCorrupt extends Failure {
  readonly kind = 'invalid';
  readonly code = 'broker.body_corrupt';
  constructor(override readonly cause: unknown) {
    super('the body is corrupt');
  }
}

/**
 * The receiver crashed on the request: it threw something that is no `Failure`, and logged it. No
 * Failure either, so that the caller treats it as any other bug: HTTP 500, and no detail.
 */
export class RemoteCrash extends Error {
  readonly code = 'internal';
  constructor() {
    super('the receiver crashed on the request');
    this.name = 'RemoteCrash';
  }
}
