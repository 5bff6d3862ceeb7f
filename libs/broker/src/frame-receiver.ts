import type { Runtime } from '@aisle/std';

import type { Envelope } from './envelope.ts';
import { decodeFrame } from './frame.ts';
import { InFlight } from './in-flight.ts';
import type { Consumer, Transport } from './transports/transport.ts';

/** Frames taken at once while there is room. The bound on messages may be exceeded by so many frames. */
const FRAMES_AHEAD_MAX = 16;

/** @inline */
interface ReceiverBasics {
  transport: Transport;
  /** Receivers of one queue compete: each frame goes to one of them. */
  queue: string;
  runtime: Runtime;
  /** Messages whose handler has not settled. Above this, frames stay in the queue for other receivers. */
  messagesInFlightMax?: number;
}

/** Handles one message at a time. @inline */
interface EnvelopeHandler {
  onEnvelope: (envelope: Envelope) => void | Promise<void>;
  onFrame?: never;
}

/** Handles a whole, non-empty frame; for forwarders. @inline */
interface FrameHandler {
  onFrame: (envelopes: Envelope[]) => void | Promise<void>;
  onEnvelope?: never;
}

/** A handler must not throw: that is a bug, and surfaces as an unhandled rejection. */
export type FrameReceiverOptions = ReceiverBasics & (EnvelopeHandler | FrameHandler);

/** Counts of messages and frames that never reached a handler, since the receiver was made. */
export interface ReceiverDrops {
  /** Messages dequeued after their deadline. */
  expired: number;
  /** Frames that could not be decoded. */
  corrupt: number;
}

/** Decodes the frames of a queue, drops expired messages, and hands out the rest in order. */
export class FrameReceiver {
  /** For metrics. */
  readonly drops: ReceiverDrops = { expired: 0, corrupt: 0 };
  private consumer: Consumer | undefined;
  private readonly inFlight: InFlight;

  constructor(private readonly options: FrameReceiverOptions) {
    this.inFlight = new InFlight(options.messagesInFlightMax ?? 1_024);
  }

  start(): void {
    const { transport, queue } = this.options;
    this.consumer ??= transport.consume(queue, (frame) => this.receive(frame), {
      inFlightMax: FRAMES_AHEAD_MAX,
    });
  }

  /** Takes no further frames. Resolves when every handler has settled. */
  async stop(): Promise<void> {
    await this.consumer?.stop();
    await this.inFlight.isIdle();
  }

  private receive(frame: Uint8Array): void | Promise<void> {
    let envelopes: Envelope[];
    try {
      envelopes = decodeFrame(frame);
    } catch {
      this.drops.corrupt += 1;
      return undefined;
    }
    this.handle(this.withoutExpired(envelopes));
    // Wait for room, not for these messages: a slow one must not hold up the frames behind it.
    return this.inFlight.room > 0 ? undefined : this.inFlight.hasRoom();
  }

  private withoutExpired(envelopes: Envelope[]): Envelope[] {
    const nowMs = this.options.runtime.clock.nowMs();
    if (envelopes.every(({ deadlineMs }) => deadlineMs > nowMs)) return envelopes;
    const live = envelopes.filter(({ deadlineMs }) => deadlineMs > nowMs);
    this.drops.expired += envelopes.length - live.length;
    return live;
  }

  private handle(envelopes: Envelope[]): void {
    const { onFrame, onEnvelope } = this.options;
    if (onFrame) {
      if (envelopes.length > 0) this.inFlight.track(onFrame(envelopes), envelopes.length);
      return;
    }
    for (const envelope of envelopes) this.inFlight.track(onEnvelope(envelope));
  }
}
