import { isFailure } from '@aisle/std';
import type { Runtime } from '@aisle/std';
import { Server } from '@nestjs/microservices';
import type { CustomTransportStrategy, MessageHandler } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';

import { decodeBody } from '../envelope.ts';
import type { Envelope, EnvelopeHeader } from '../envelope.ts';
import { FrameReceiver } from '../frame-receiver.ts';
import type { ReceiverDrops } from '../frame-receiver.ts';
import { FrameSender } from '../frame-sender.ts';
import { ReadLane } from '../read-lane.ts';
import { reply } from '../reply.ts';
import type { ReplyOutcome } from '../reply.ts';
import type { Transport } from '../transports/transport.ts';
import { BrokerContext } from './broker-context.ts';

/** Validates messages where they enter a process. The `Failure` that it throws is the answer, and no handler sees the message. */
export interface Entry {
  /** The accepted message types. The server has exactly one handler for each of them. */
  readonly types: ReadonlySet<string>;
  /** Validates the header. Throws a `Failure`. */
  admit(envelope: Envelope): void;
  /** Parses the body for the handler. Throws a `Failure`. */
  bodyOf(envelope: Envelope): unknown;
}

/** Answers a message directly, from its parsed body and its header. */
export type Route = (body: unknown, envelope: Readonly<EnvelopeHeader>) => unknown;

/** The transport, queues and limits of a `BrokerServer`. */
export interface BrokerServerOptions {
  transport: Transport;
  runtime: Runtime;
  /**
   * The queue, or several queues that close one after another. Servers of one queue compete, and exactly one of them gets each
   * message.
   */
  queue: string | readonly string[];
  /** The most messages that are handled at once. Others stay in the queue. */
  messagesInFlightMax?: number;
  /** Validates messages before any handler sees them. Without it, all messages are handled. */
  entry?: Entry;
  /** Returns the queue of a message for another server, or undefined. Such a message is forwarded unchanged, with one more hop. */
  elsewhere?: (envelope: Envelope) => string | undefined;
  /**
   * Types whose handlers read through shared resources, such as a few connections. At most `atOnce` of them are handled at once, and
   * others wait until their deadline is near. Equal waiting messages share one call of the handler.
   */
  reads?: { readonly types: ReadonlySet<string>; readonly atOnce: number };
  /** Handlers of hot message types, which are called without Nest's guards, pipes, interceptors and filters. */
  routes?: ReadonlyMap<string, Route>;
  /** Called with the error of a handler that has a bug. Without it, Nest's logger gets the error. */
  onCrash?: (thrown: unknown, envelope: Envelope) => void;
}

class NoHandler extends Error {
  constructor(type: string) {
    super(`no handler for the message type ${type}`);
    this.name = 'NoHandler';
  }
}

class HandlersDiffer extends Error {
  constructor(missing: readonly string[], undeclared: readonly string[], twice: readonly string[]) {
    const [lacks, adds, repeats] = [missing, undeclared, twice].map((types) => types.join() || 'none');
    super(`a server has one handler for each message of its protocols; missing: ${lacks}, undeclared: ${adds}, twice: ${repeats}`);
    this.name = 'HandlersDiffer';
  }
}

class FilterMissing extends Error {
  constructor(type: string) {
    super(`a handler of ${type} threw, but the app lacks the BrokerExceptionFilter that passes the error on`);
    this.name = 'FilterMissing';
  }
}

/**
 * A Nest transport that serves queues. The pattern of a handler is the type of the envelope, and its payload is the body.
 *
 * The caller receives the facts of a `Failure`. Any other error is a bug: it is logged here once, and the caller only learns that
 * there was one (`RemoteCrash`). A stream is answered with its last value. A redelivered message is handled again, so handlers have
 * to be idempotent by the id of the envelope.
 */
export class BrokerServer extends Server implements CustomTransportStrategy {
  override readonly transportId = Symbol('aisle.broker');
  /** Nest has to pass errors of event handlers on, because this server reports them. */
  override readonly propagatesEventHandlerErrors = true;
  private readonly receivers: readonly FrameReceiver[];
  private readonly sender: FrameSender;
  private readonly lane: ReadLane | undefined;
  private readonly noHook = this.onProcessingStartHook;

  constructor(private readonly options: BrokerServerOptions) {
    super();
    this.sender = new FrameSender(options);
    if (options.reads) this.lane = new ReadLane({ runtime: options.runtime, atOnce: options.reads.atOnce });
    this.receivers = [options.queue].flat().map((queue) =>
      new FrameReceiver({ ...options, queue, onEnvelope: (envelope) => this.receive(envelope, queue) }));
  }

  /** Counts of messages that were dropped unanswered, for metrics. */
  get drops(): Readonly<ReceiverDrops> {
    return this.receivers.map(({ drops }) => drops).reduce((sum, drops) => ({
      expired: sum.expired + drops.expired, corrupt: sum.corrupt + drops.corrupt,
    }));
  }

  listen(callback: () => void): void {
    this.checkHandlers();
    for (const receiver of this.receivers) receiver.start();
    callback();
  }

  /** Takes no more messages, waits for the handlers, and sends their replies. */
  async close(): Promise<void> {
    for (const receiver of this.receivers) await receiver.stop();
    await this.sender.flushed();
  }

  on(): never {
    throw new Error('a broker server emits no events');
  }

  unwrap<T>(): T {
    return this.options.transport as T;
  }

  private checkHandlers(): void {
    const { types } = this.options.entry ?? {};
    if (!types) return;
    const handled = [...this.messageHandlers.keys(), ...(this.options.routes?.keys() ?? [])];
    const missing = [...types].filter((type) => !handled.includes(type));
    const undeclared = handled.filter((type) => !types.has(type));
    const twice = handled.filter((type, at) => handled.indexOf(type) !== at);
    if (missing.length + undeclared.length + twice.length > 0) throw new HandlersDiffer(missing, undeclared, twice);
  }

  private receive(envelope: Envelope, queue: string): void | Promise<void> {
    try {
      this.options.entry?.admit(envelope);
    } catch (refusal) {
      return reply(this.sender, envelope, this.refused(envelope, refusal));
    }
    const elsewhere = this.options.elsewhere?.(envelope);
    if (elsewhere !== undefined) return this.forward(elsewhere, envelope);
    const context = new BrokerContext([envelope, queue]);
    if (this.onProcessingStartHook === this.noHook) return this.handle(envelope, context);
    return new Promise((resolve) => {
      this.onProcessingStartHook(this.transportId, context, async () => {
        await this.handle(envelope, context);
        this.onProcessingEndHook?.(this.transportId, context);
        resolve();
      });
    });
  }

  private forward(queue: string, envelope: Envelope): void {
    envelope.hops += 1;
    this.sender.send(queue, envelope).catch((failure: unknown) => reply(this.sender, envelope, this.failed(envelope, failure)));
  }

  private async handle(envelope: Envelope, context: BrokerContext): Promise<void> {
    const ask = (): Promise<ReplyOutcome> => this.outcomeOf(envelope, context);
    const lane = this.options.reads?.types.has(envelope.type) ? this.lane : undefined;
    try {
      reply(this.sender, envelope, await (lane ? lane.run(readKeyOf(envelope, context.queue), envelope.deadlineMs, ask) : ask()));
    } catch (thrown) {
      reply(this.sender, envelope, this.failed(envelope, thrown));
    }
  }

  private async outcomeOf(envelope: Envelope, context: BrokerContext): Promise<ReplyOutcome> {
    let body: unknown;
    try {
      body = this.options.entry ? this.options.entry.bodyOf(envelope) : decodeBody(envelope.body);
    } catch (refusal) {
      return this.refused(envelope, refusal);
    }
    try {
      const route = this.options.routes?.get(envelope.type);
      if (route) return { value: await route(body, envelope) };
      const value: unknown = await this.handlerOf(envelope.type)(body, context);
      return { value: isObservable(value) ? await lastValueFrom(value, { defaultValue: undefined }) : value };
    } catch (thrown) {
      return this.failed(envelope, thrown);
    }
  }

  private handlerOf(type: string): MessageHandler {
    const handler = this.messageHandlers.get(type);
    if (!handler) throw new NoHandler(type);
    return handler;
  }

  /** Refusals are not logged, because senders of invalid messages could fill the log. The entry counts them. */
  private refused(envelope: Envelope, thrown: unknown): ReplyOutcome {
    return isFailure(thrown) ? { failure: thrown } : this.failed(envelope, thrown);
  }

  private failed(envelope: Envelope, thrown: unknown): ReplyOutcome {
    if (isFailure(thrown)) {
      const isEvent = envelope.replyTo === '';
      if (isEvent) this.logger.warn(`event ${envelope.type} failed: ${thrown.code}`);
      return { failure: thrown };
    }
    const crash = isSwallowed(thrown) ? new FilterMissing(envelope.type) : thrown;
    if (this.options.onCrash) this.options.onCrash(crash, envelope);
    else this.logger.error(crash);
    return { crash: true };
  }
}

/** A key of the parts of a message that may influence the answer of a read. */
function readKeyOf({ type, tenant, market, actor, body }: Envelope, queue: string): string {
  return JSON.stringify([queue, type, tenant, market, actor, Buffer.from(body).toString('latin1')]);
}

/** Whether Nest's own filter has replaced the error by an object with this status. */
function isSwallowed(thrown: unknown): boolean {
  return (thrown as { status?: unknown } | null)?.status === 'error';
}
