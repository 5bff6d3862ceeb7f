import { uuidv7 } from '@aisle/std';
import type { Runtime } from '@aisle/std';
import { ClientProxy } from '@nestjs/microservices';
import type { ReadPacket, WritePacket } from '@nestjs/microservices';

import { encodeBody } from '../envelope.ts';
import { FrameSender } from '../frame-sender.ts';
import { Requester } from '../requester.ts';
import type { RequestHeader } from '../requester.ts';
import type { Transport } from '../transports/transport.ts';

/** Who asks, whom, and for how long. */
export interface BrokerClientOptions {
  transport: Transport;
  runtime: Runtime;
  /** The process, as operators know it; the name of its reply inbox begins with it. */
  instance: string;
  /** Where `send` and `emit` go; `request` names its queue itself. */
  queue?: string;
  /** How long `send` waits, and how long an event is worth handling. */
  timeoutMs?: number;
  /** Requests without an answer; beyond them `request` fails. */
  pendingMax?: number;
}

/**
 * Nest's side of a requester. `request` is the way for requests: one promise, no RxJS, the whole
 * header in the caller's hand. `send` and `emit` are Nest's contract, for code that has it.
 */
export class BrokerClient extends ClientProxy {
  /** Its counts are there to be read by metrics. */
  readonly requester: Requester;
  private readonly outbox: FrameSender;

  constructor(private readonly options: BrokerClientOptions) {
    super();
    this.outbox = new FrameSender(options);
    this.requester = new Requester({
      ...options,
      sender: this.outbox,
      replyQueue: `${options.instance}-${uuidv7(options.runtime)}`,
    });
  }

  /** As `Requester.request`: the answer's value, or the failure of it or of the way there. */
  request<T>(queue: string, header: RequestHeader, body: unknown): Promise<T> {
    return this.requester.request<T>(queue, header, body);
  }

  async connect(): Promise<void> {}

  /** Fails what waits for an answer, and sends what has not left. */
  async close(): Promise<void> {
    await this.requester.close();
    await this.outbox.flushed();
  }

  unwrap<T>(): T {
    return this.options.transport as T;
  }

  protected publish(packet: ReadPacket, callback: (packet: WritePacket) => void): () => void {
    let wanted = true;
    const answer = (packet: WritePacket): void => {
      if (wanted) callback(packet);
    };
    this.request(this.queue, this.headerOf(packet), packet.data).then(
      (response) => answer({ response, isDisposed: true }),
      (err: unknown) => answer({ err, isDisposed: true }),
    );
    return () => {
      wanted = false;
    };
  }

  protected dispatchEvent<T>(packet: ReadPacket): Promise<T> {
    const event = {
      ...this.headerOf(packet),
      shard: -1,
      replyTo: '',
      hops: 0,
      correlation: 0,
      body: encodeBody(packet.data),
    };
    return this.outbox.send(this.queue, event) as Promise<T>;
  }

  private get queue(): string {
    if (!this.options.queue) throw new Error('a BrokerClient without a queue can only `request`');
    return this.options.queue;
  }

  private headerOf({ pattern, metadata }: ReadPacket): RequestHeader {
    const { runtime, timeoutMs = 5_000 } = this.options;
    return {
      id: uuidv7(runtime),
      type: this.normalizePattern(pattern),
      tenant: '',
      market: '',
      actor: '',
      traceparent: metadata?.['traceparent'] ?? '',
      deadlineMs: runtime.clock.nowMs() + timeoutMs,
    };
  }
}
