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

/** Decides what may enter a process. What it throws, a `Failure`, is the answer, and no handler hears of the message. */
export interface Entry {
  /** The types that come in here. There is a handler for each, and for no other. */
  readonly types: ReadonlySet<string>;
  /** Throws a `Failure` for a message that may not come in, by its header. */
  admit(envelope: Envelope): void;
  /** The body as the handler gets it. Throws a `Failure` for one that no handler may see. */
  bodyOf(envelope: Envelope): unknown;
}

/** Answers a message: its body, as the entry made it, and its header make the reply. */
export type Route = (body: unknown, envelope: Readonly<EnvelopeHeader>) => unknown;

/** The queue that is served, and what becomes of bugs. */
export interface BrokerServerOptions {
  transport: Transport;
  runtime: Runtime;
  /** The inbox, or some of them, which close one after another. Servers of one queue compete: exactly one of them handles each message. */
  queue: string | readonly string[];
  /** Handlers under way at once; the rest stays in the queue. */
  messagesInFlightMax?: number;
  /** Looks at what comes in before any handler does; without it, everything enters. */
  entry?: Entry;
  /**
   * The queue where a message belongs that is not for this server, or undefined for one that is. It is handed
   * on as it came, with one hop more.
   */
  elsewhere?: (envelope: Envelope) => string | undefined;
  /**
   * Types whose handlers only read, from what others need as well, such as a few connections: so many of them are handled at
   * once. The rest waits, until its deadline is near. Messages that wait and ask the same are answered by one handler.
   */
  reads?: { readonly types: ReadonlySet<string>; readonly atOnce: number };
  /** Handlers that are called as they are, by type, without Nest's guards, pipes, interceptors and filters: for what is hot. */
  routes?: ReadonlyMap<string, Route>;
  /** A handler had a bug. Nest's logger gets the error unless this does. */
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
    super(`a handler of ${type} threw, and the app has no BrokerExceptionFilter to say what`);
    this.name = 'FilterMissing';
  }
}

/**
 * Nest's side of an inbox: the pattern of a handler is the envelope's type, its payload the body.
 * A `Failure` crosses to the caller as its facts; anything else is a bug, logged here once, and the
 * caller learns only that (`RemoteCrash`). A stream is answered with its last value. What arrives
 * twice is handled twice: handlers are idempotent by the envelope's id.
 */
export class BrokerServer extends Server implements CustomTransportStrategy {
  override readonly transportId = Symbol('aisle.broker');
  /** A failing event is reported here and not by Nest. */
  override readonly propagatesEventHandlerErrors = true;
  private readonly inboxes: readonly FrameReceiver[];
  private readonly outbox: FrameSender;
  private readonly lane: ReadLane | undefined;
  private readonly noHook = this.onProcessingStartHook;

  constructor(private readonly options: BrokerServerOptions) {
    super();
    this.outbox = new FrameSender(options);
    if (options.reads) this.lane = new ReadLane({ runtime: options.runtime, atOnce: options.reads.atOnce });
    this.inboxes = [options.queue].flat().map((queue) =>
      new FrameReceiver({ ...options, queue, onEnvelope: (envelope) => this.receive(envelope, queue) }));
  }

  /** What never reached a handler; to be read by metrics. */
  get drops(): Readonly<ReceiverDrops> {
    return this.inboxes.map(({ drops }) => drops).reduce((sum, drops) => ({
      expired: sum.expired + drops.expired, corrupt: sum.corrupt + drops.corrupt,
    }));
  }

  listen(callback: () => void): void {
    this.checkHandlers();
    for (const inbox of this.inboxes) inbox.start();
    callback();
  }

  /** Takes no more messages, waits for those under way, and sends their replies. */
  async close(): Promise<void> {
    for (const inbox of this.inboxes) await inbox.stop();
    await this.outbox.flushed();
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
      return reply(this.outbox, envelope, this.refused(envelope, refusal));
    }
    const elsewhere = this.options.elsewhere?.(envelope);
    if (elsewhere !== undefined) return this.handOn(elsewhere, envelope);
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

  private handOn(queue: string, envelope: Envelope): void {
    envelope.hops += 1;
    this.outbox.send(queue, envelope).catch((failure: unknown) => reply(this.outbox, envelope, this.failed(envelope, failure)));
  }

  private async handle(envelope: Envelope, context: BrokerContext): Promise<void> {
    const ask = (): Promise<ReplyOutcome> => this.outcomeOf(envelope, context);
    const lane = this.options.reads?.types.has(envelope.type) ? this.lane : undefined;
    try {
      reply(this.outbox, envelope, await (lane ? lane.run(questionOf(envelope, context.queue), envelope.deadlineMs, ask) : ask()));
    } catch (thrown) {
      reply(this.outbox, envelope, this.failed(envelope, thrown));
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

  /** Not logged: whoever sends wrong messages could fill the log. The entry counts them. */
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

/** All of a message that a read may answer by. */
function questionOf({ type, tenant, market, actor, body }: Envelope, queue: string): string {
  return JSON.stringify([queue, type, tenant, market, actor, Buffer.from(body).toString('latin1')]);
}

/** What Nest's own filter leaves of an error: no Error, just these words. */
function isSwallowed(thrown: unknown): boolean {
  return (thrown as { status?: unknown } | null)?.status === 'error';
}
