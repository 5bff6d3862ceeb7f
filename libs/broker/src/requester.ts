import { RemoteFailure } from '@aisle/std';
import type { Runtime, Timer } from '@aisle/std';

import { encodeBody } from './envelope.ts';
import type { Envelope, EnvelopeHeader } from './envelope.ts';
import { BrokerFailure, RemoteCrash } from './failures.ts';
import { FrameReceiver } from './frame-receiver.ts';
import type { FrameSender } from './frame-sender.ts';
import { readReply } from './reply.ts';
import type { Transport } from './transports/transport.ts';

/** The header fields that a caller gives; the requester adds the others. */
export type RequestHeader = Pick<
  EnvelopeHeader,
  'id' | 'type' | 'tenant' | 'market' | 'actor' | 'traceparent' | 'deadlineMs'
> & { readonly by?: string | undefined };

/** The sender of requests, the queue for answers, and the bound on both. */
export interface RequesterOptions {
  transport: Transport;
  sender: FrameSender;
  runtime: Runtime;
  /** This process's own reply queue. No other incarnation may use the name. */
  replyQueue: string;
  /** Unanswered requests; above this bound `request` fails. */
  pendingMax?: number;
}

interface Pending {
  readonly id: string;
  readonly deadlineAtMs: number;
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
  sent: Promise<void> | undefined;
}

/** The precision of deadlines. It is coarse, so that a burst of them costs few sweeps. */
const SWEEP_MS = 5;

/** Sends requests, and matches each answer to its request by a counter value that is used once. */
export class Requester {
  /** Answers that match no request: too late, or duplicates. For metrics. */
  unclaimed = 0;
  private readonly pending = new Map<number, Pending>();
  private readonly pendingMax: number;
  private readonly receiver: FrameReceiver;
  private correlation: number;
  private lastSent: Promise<void> | undefined;
  private timer: Timer | undefined;
  private sweepAtMs = Infinity;
  private closing = false;

  constructor(private readonly options: RequesterOptions) {
    const { transport, runtime, replyQueue } = options;
    this.pendingMax = options.pendingMax ?? 16_384;
    // Start at a random number: if the queue's name is ever used again, old answers still match nothing.
    this.correlation = runtime.random.int(2 ** 40);
    this.receiver = new FrameReceiver({
      transport,
      runtime,
      queue: replyQueue,
      onEnvelope: (envelope) => this.settle(envelope),
    });
    this.receiver.start();
  }

  /** Unanswered requests. For metrics. */
  get pendingCount(): number {
    return this.pending.size;
  }

  /**
   * Resolves with the value of the answer. Rejects with:
   * - `RemoteFailure`, with the receiver's facts, when the receiver answered with a failure;
   * - `RemoteCrash` when the receiver had a bug;
   * - `broker.deadline` (unknown) when no answer came in time;
   * - the failures of `FrameSender.send` when the request could not be sent;
   * - `broker.congested` (throttled) above `pendingMax`;
   * - `broker.closing` (unavailable) after `close`.
   */
  request<T>(queue: string, header: RequestHeader, body: unknown): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.closing) throw BrokerFailure.closing();
      if (this.pending.size >= this.pendingMax) throw BrokerFailure.congested('requests', this.pendingMax);
      const { clock } = this.options.runtime;
      const leftMs = header.deadlineMs - clock.nowMs();
      if (leftMs <= 0) throw BrokerFailure.deadline();

      const correlation = (this.correlation += 1);
      const pending: Pending = {
        id: header.id,
        // Measured on the monotonic clock, since the wall clock may jump in the meantime.
        deadlineAtMs: clock.monotonicMs() + leftMs,
        resolve: resolve as (value: unknown) => void,
        reject,
        sent: undefined,
      };
      pending.sent = this.send(queue, header, correlation, encodeBody(body));
      this.pending.set(correlation, pending);
      if (pending.deadlineAtMs < this.sweepAtMs) this.sweepAt(pending.deadlineAtMs);
    });
  }

  /** Rejects the unanswered requests and stops listening for answers. */
  async close(): Promise<void> {
    this.closing = true;
    this.timer?.cancel();
    this.failWhere(() => true, BrokerFailure.closing());
    await this.receiver.stop();
  }

  private send(
    queue: string,
    header: RequestHeader,
    correlation: number,
    body: Uint8Array,
  ): Promise<void> {
    const sent = this.options.sender.send(queue, {
      id: header.id,
      type: header.type,
      tenant: header.tenant,
      market: header.market,
      actor: header.actor,
      shard: -1,
      deadlineMs: header.deadlineMs,
      traceparent: header.traceparent,
      by: header.by ?? '',
      replyTo: this.options.replyQueue,
      hops: 0,
      correlation,
      body,
    });
    // Once per frame: the requests of one frame fail together.
    if (sent !== this.lastSent) {
      this.lastSent = sent;
      sent.catch((failure: unknown) => this.failWhere((pending) => pending.sent === sent, failure));
    }
    return sent;
  }

  private settle(envelope: Envelope): void {
    const pending = this.pending.get(envelope.correlation);
    if (!pending || pending.id !== envelope.id) {
      this.unclaimed += 1;
      return;
    }
    this.pending.delete(envelope.correlation);
    const outcome = readReply(envelope);
    if ('value' in outcome) pending.resolve(outcome.value);
    else if ('failure' in outcome) pending.reject(new RemoteFailure(outcome.failure));
    else pending.reject(new RemoteCrash());
  }

  private failWhere(matches: (pending: Pending) => boolean, failure: unknown): void {
    for (const [correlation, pending] of this.pending) {
      if (!matches(pending)) continue;
      this.pending.delete(correlation);
      pending.reject(failure);
    }
  }

  // One timer for all requests, set to the earliest deadline at that time. Requests tend to have equal time limits, so
  // that request is answered long before the timer fires, and the next sweep is far away.
  private sweepAt(atMs: number): void {
    const { clock, timers } = this.options.runtime;
    this.timer?.cancel();
    this.sweepAtMs = atMs;
    const delayMs = Math.max(SWEEP_MS, Math.ceil(atMs - clock.monotonicMs()));
    this.timer = timers.after(delayMs, () => this.sweep());
  }

  private sweep(): void {
    const nowMs = this.options.runtime.clock.monotonicMs();
    this.sweepAtMs = Infinity;
    let earliestMs = Infinity;
    this.failWhere(({ deadlineAtMs }) => {
      if (deadlineAtMs <= nowMs) return true;
      earliestMs = Math.min(earliestMs, deadlineAtMs);
      return false;
    }, BrokerFailure.deadline());
    if (earliestMs < Infinity) this.sweepAt(earliestMs);
  }
}
