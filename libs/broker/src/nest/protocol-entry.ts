import { MessageFailure, actorKey, checkHeader, messagesIn, shardOf, type Message } from '@aisle/contracts';
import type { Clock } from '@aisle/std';
import { decodeBody, type Envelope } from '../envelope.ts';
import type { Entry } from './broker-server.ts';

/** The part of a message, or the answer to one, that was wrong. */
export type Refused = 'type' | 'header' | 'body' | 'reply';

/** Which messages come in, and who counts those that do not. */
export interface ProtocolEntryOptions {
  /** The protocols whose messages come in. */
  readonly protocols: readonly object[];
  readonly clock: Pick<Clock, 'nowMs'>;
  /** The shards that this process answers for: a message may be for no other actor than those of its shard. */
  readonly owns?: ((shard: number) => boolean) | undefined;
  readonly onRefused?: (why: Refused, message: Message | undefined) => void;
}

/** Lets the messages of some protocols in, each with a header and a body that are right. */
export class ProtocolEntry implements Entry {
  readonly types: ReadonlySet<string>;
  private readonly messages: ReadonlyMap<string, Message>;

  constructor(private readonly options: ProtocolEntryOptions) {
    this.messages = new Map(options.protocols.flatMap(messagesIn).map((message) => [message.type, message]));
    this.types = new Set(this.messages.keys());
  }

  /** The message of a type; undefined for one that does not come in here. */
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

  /** A shard that is not its actor's would give the actor a second writer. */
  private checkShard({ group, anyone }: Message, { shard, tenant, market, actor }: Envelope): void {
    if (group === undefined || anyone || !this.options.owns?.(shard)) return;
    if (shard !== shardOf(group, actorKey(tenant, market, actor))) throw MessageFailure.headerInvalid('shard', "must be its actor's");
  }

  /**
   * Throws `message.body_invalid` and `broker.body_corrupt` (invalid). The body of a message that carries nothing is not looked
   * at.
   */
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
