import { MessageFailure, actorKey, checkHeader, messagesIn, shardOf, type Message } from '@aisle/contracts';
import type { Clock } from '@aisle/std';
import { decodeBody, type Envelope } from '../envelope.ts';
import type { Entry } from './broker-server.ts';

/** The invalid part of a message or of its answer. */
export type RefusedPart = 'type' | 'header' | 'body' | 'reply';

/** The accepted protocols, and the observer of refused messages. */
export interface ProtocolEntryOptions {
  /** The protocols whose messages are accepted. */
  readonly protocols: readonly object[];
  readonly clock: Pick<Clock, 'nowMs'>;
  /** Whether this process owns a shard. For an owned shard, the addressee of a message has to belong to it. */
  readonly owns?: ((shard: number) => boolean) | undefined;
  readonly onRefused?: (part: RefusedPart, message: Message | undefined) => void;
}

/** Accepts the messages of some protocols, if header and body are valid. */
export class ProtocolEntry implements Entry {
  readonly types: ReadonlySet<string>;
  private readonly messages: ReadonlyMap<string, Message>;

  constructor(private readonly options: ProtocolEntryOptions) {
    this.messages = new Map(options.protocols.flatMap(messagesIn).map((message) => [message.type, message]));
    this.types = new Set(this.messages.keys());
  }

  /** The message of a type; undefined for a type that is not accepted. */
  find(type: string): Message | undefined {
    return this.messages.get(type);
  }

  /** Throws `command.unknown` (missing) and `message.header_invalid` (invalid). */
  admit(envelope: Envelope): void {
    const message = this.find(envelope.type);
    try {
      if (!message) throw MessageFailure.unknown(envelope.type);
      checkHeader(envelope, this.options.clock.nowMs());
      this.checkShard(message, envelope);
    } catch (refusal) {
      this.options.onRefused?.(message ? 'header' : 'type', message);
      throw refusal;
    }
  }

  /** Checks that the shard in the header is the one of the actor. Otherwise the actor would get a second writer. */
  private checkShard({ group, anyone }: Message, { shard, tenant, market, actor }: Envelope): void {
    if (group === undefined || anyone || !this.options.owns?.(shard)) return;
    if (shard !== shardOf(group, actorKey(tenant, market, actor))) throw MessageFailure.headerInvalid('shard', "must be its actor's");
  }

  /** Throws `message.body_invalid` and `broker.body_corrupt` (invalid). Returns undefined for a message without a body. */
  bodyOf({ type, body }: Envelope): unknown {
    const message = this.find(type);
    try {
      return message?.bodySchema && message.bodyOf(decodeBody(body));
    } catch (refusal) {
      this.options.onRefused?.('body', message);
      throw refusal;
    }
  }
}
