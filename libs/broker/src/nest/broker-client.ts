import { uuidv7 } from '@aisle/std';
import type { Runtime } from '@aisle/std';
import { ClientProxy } from '@nestjs/microservices';
import type { ReadPacket, WritePacket } from '@nestjs/microservices';

import { encodeBody } from '../envelope.ts';
import { FrameSender } from '../frame-sender.ts';
import { Requester } from '../requester.ts';
import type { RequestHeader } from '../requester.ts';
import type { Transport } from '../transports/transport.ts';

/** The transport, name and limits of a `BrokerClient`. */
export interface BrokerClientOptions {
  transport: Transport;
  runtime: Runtime;
  /** The name of the process, with which the name of its reply queue begins. */
  instance: string;
  /** The queue for `send` and `emit`. `request` names its queue itself. */
  queue?: string;
  /** The deadline of `send` and of events, in milliseconds from now; 5,000 unless given. */
  timeoutMs?: number;
  /** The most requests without an answer. Beyond them, `request` fails. */
  pendingMax?: number;
}

/**
 * A Nest client proxy around a `Requester`. Prefer `request`: it needs one promise and no RxJS, and the caller controls the whole
 * header. `send` and `emit` are Nest's own contract, for code that is written against it.
 */
export class BrokerClient extends ClientProxy {
  /** The requester, whose counts metrics may read. */
  readonly requester: Requester;
  private readonly sender: FrameSender;

  constructor(private readonly options: BrokerClientOptions) {
    super();
    this.sender = new FrameSender(options);
    this.requester = new Requester({
      ...options,
      sender: this.sender,
      replyQueue: `${options.instance}-${uuidv7(options.runtime)}`,
    });
  }

  /** Sends a request; see `Requester.request`. Rejects with the answered failure, or the failure of the transport. */
  request<T>(queue: string, header: RequestHeader, body: unknown): Promise<T> {
    return this.requester.request<T>(queue, header, body);
  }

  async connect(): Promise<void> {}

  /** Rejects requests without an answer, and sends the frames that are still buffered. */
  async close(): Promise<void> {
    await this.requester.close();
    await this.sender.flushed();
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
      by: '',
      correlation: 0,
      body: encodeBody(packet.data),
    };
    return this.sender.send(this.queue, event) as Promise<T>;
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
