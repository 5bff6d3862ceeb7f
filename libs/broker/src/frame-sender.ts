import type { Failure, Runtime } from '@aisle/std';

import type { Envelope } from './envelope.ts';
import { BrokerFailure } from './failures.ts';
import { FrameWriter } from './frame.ts';
import type { Transport } from './transports/transport.ts';

/** When a frame is full, and the bound on frames in flight. */
export interface FrameSenderOptions {
  transport: Transport;
  runtime: Runtime;
  /** A frame leaves at once when it has this many messages. */
  messagesMax?: number;
  /** A frame leaves at once when it has this many bytes. A larger single message is a frame by itself. */
  bytesMax?: number;
  /** Frames whose push has not returned. Above this bound a send fails, so memory stays bounded. */
  framesInFlightMax?: number;
  /** Reports messages that the transport refused, for senders that do not await `send`, such as replies. */
  onRefused?: (queue: string, messages: number, failure: unknown) => void;
}

interface OpenFrame {
  readonly writer: FrameWriter;
  readonly sent: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (failure: unknown) => void;
}

/**
 * Sends envelopes to one queue as one frame if they were sent in the same turn of the event loop. A frame leaves when
 * the turn ends or when it is full. Under load one round trip carries many requests, and a single request waits for
 * nothing.
 */
export class FrameSender {
  private readonly open = new Map<string, OpenFrame>();
  private readonly writers: FrameWriter[] = [];
  private readonly transport: Transport;
  private readonly runtime: Runtime;
  private readonly messagesMax: number;
  private readonly bytesMax: number;
  private readonly framesInFlightMax: number;
  private readonly onRefused: FrameSenderOptions['onRefused'];
  private readonly inFlight = new Set<Promise<void>>();
  private isFlushDue = false;

  constructor(options: FrameSenderOptions) {
    this.transport = options.transport;
    this.runtime = options.runtime;
    this.messagesMax = options.messagesMax ?? 64;
    this.bytesMax = options.bytesMax ?? 32 * 1_024;
    this.framesInFlightMax = options.framesInFlightMax ?? 512;
    this.onRefused = options.onRefused;
  }

  /**
   * Encodes the envelope now, so the caller may change it afterwards. All envelopes of a frame share one promise, which
   * may be ignored. It rejects as `Transport.push` does, or at once with `broker.congested` (throttled). Throws
   * `broker.header_too_long` (invalid).
   */
  send(queue: string, envelope: Envelope): Promise<void> {
    let frame = this.open.get(queue);
    if (!frame) {
      if (this.inFlight.size + this.open.size >= this.framesInFlightMax) {
        return this.refuse(queue, BrokerFailure.congested('frames', this.framesInFlightMax));
      }
      this.open.set(queue, (frame = this.openFrame()));
      this.flushSoon();
    }
    frame.writer.append(envelope);
    if (frame.writer.count >= this.messagesMax || frame.writer.bytes >= this.bytesMax) {
      this.push(queue, frame);
    }
    return frame.sent;
  }

  /** Sends the open frames now. Resolves when every push has returned; never rejects. */
  async flushed(): Promise<void> {
    this.pushAll();
    await Promise.allSettled(this.inFlight);
  }

  private flushSoon(): void {
    if (this.isFlushDue) return;
    this.isFlushDue = true;
    this.runtime.defer(() => {
      this.isFlushDue = false;
      this.pushAll();
    });
  }

  private pushAll(): void {
    for (const [queue, frame] of this.open) this.push(queue, frame);
  }

  private push(queue: string, { writer, sent, resolve, reject }: OpenFrame): void {
    this.open.delete(queue);
    const messages = writer.count;
    const bytes = writer.take();
    this.writers.push(writer);
    if (messages === 0) return resolve();
    this.inFlight.add(sent);
    this.transport.push(queue, bytes).then(
      () => {
        this.inFlight.delete(sent);
        resolve();
      },
      (failure: unknown) => {
        this.inFlight.delete(sent);
        this.onRefused?.(queue, messages, failure);
        reject(failure);
      },
    );
  }

  private openFrame(): OpenFrame {
    let resolve!: () => void;
    let reject!: (failure: unknown) => void;
    const sent = new Promise<void>((resolveSent, rejectSent) => {
      resolve = resolveSent;
      reject = rejectSent;
    });
    ignore(sent);
    return { writer: this.writers.pop() ?? new FrameWriter(), sent, resolve, reject };
  }

  private refuse(queue: string, failure: Failure): Promise<void> {
    this.onRefused?.(queue, 1, failure);
    const refused = Promise.reject<void>(failure);
    ignore(refused);
    return refused;
  }
}

/** Marks a promise as handled: awaiting it is optional. */
function ignore(promise: Promise<void>): void {
  promise.catch(() => {});
}
