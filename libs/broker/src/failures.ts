import { failures } from '@aisle/std';

/** Failures of the broker. */
export const BrokerFailure = failures('broker', {
  /** The queue has reached its bound: its consumers are too slow, or there are none. */
  queueFull: ['throttled', 'the queue is full', (framesMax: number) => ({ framesMax })],
  /** This process has too much in flight: pushes that have not returned, or calls without an answer. */
  congested: [
    'throttled', 'too many frames or requests are in flight in this process',
    (limit: 'frames' | 'requests', max: number) => ({ limit, max }),
  ],
  /** Redis did not take the frame in time. It may still arrive, so a retry keeps its command id. */
  unavailable: ['unavailable', 'the transport did not take the message in time'],
  /** This process is shutting down. */
  closing: ['unavailable', 'the process is shutting down'],
  /** No answer came by the deadline. The command may have been applied, or may still be. */
  deadline: ['unknown', 'no answer came before the deadline'],
  /** The maximum number of reads is waiting already. */
  readsFull: ['throttled', 'too many reads wait for their turn', (waitingMax: number) => ({ waitingMax, retryAfterMs: 1_000 })],
  /** Earlier reads took until shortly before this one's deadline. */
  noTurn: ['unavailable', 'earlier reads took until shortly before the deadline', () => ({ retryAfterMs: 1_000 })],
  /** The header's texts do not fit into a frame. */
  headerTooLong: ['invalid', 'the header is too long', (charactersMax: number) => ({ charactersMax })],
  /** The bytes are not a frame of this version. */
  frameCorrupt: ['invalid', 'the frame is corrupt'],
  /** The bytes are not an encoded body. */
  bodyCorrupt: ['invalid', 'the body is corrupt'],
});

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
