import type { Consumer, ConsumerMessage } from './consumer.ts';

/**
 * The message types of named consumers. Any producer-consumer process answers them, by itself or through
 * the one that has the consumer; the actor in the header is the consumer's name.
 */
export const CONSUMER_MESSAGES = {
  start: 'consumer.start',
  list: 'consumer.list',
  send: 'consumer.send',
  read: 'consumer.read',
  stop: 'consumer.stop',
} as const;

/** The answer to `consumer.start`; a taken name is the failure `already_started`, with the consumer in its details. */
export interface StartReply {
  readonly consumer: Consumer;
  /** This very command has started it before. */
  readonly replayed: boolean;
}

/** What `consumer.send` carries; the message's id is the command's. */
export interface SendToConsumer {
  readonly body: unknown;
}

/** The answer to `consumer.send`, once PostgreSQL has the message. */
export interface SendReply {
  readonly message: ConsumerMessage;
  /** This very command has sent it before. */
  readonly replayed: boolean;
}

/** What `consumer.read` and `consumer.list` carry: which page. */
export interface ReadPage {
  /** The `next` of the page before. */
  readonly cursor?: string | undefined;
  readonly limit: number;
}
