import { z } from 'zod';
import { Consumer, ConsumerList, ConsumerMessage, SendMessage } from './consumer.ts';
import { ReadPage } from './document-reply.ts';
import { documentOf, message } from './protocol/message.ts';
import { protocol } from './protocol/protocol.ts';

/** A named consumer of a chain; a list is of none. */
export interface ConsumerKey {
  readonly consumer?: string;
}

/** A taken name is the failure `already_started`, with the consumer in its details. */
export const StartReply = z.object({
  consumer: documentOf(Consumer),
  /** This very command has started it before. */
  replayed: z.boolean(),
});
export type StartReply = Readonly<z.infer<typeof StartReply>>;

/** Given once PostgreSQL has the message. */
export const SendReply = z.object({
  message: documentOf(ConsumerMessage),
  /** This very command has sent it before. */
  replayed: z.boolean(),
});
export type SendReply = Readonly<z.infer<typeof SendReply>>;

/** Named consumers. Any producer-consumer process answers, by itself or through the one that has the consumer. */
export const ConsumerProtocol = protocol('consumer', {
  queue: 'producer-consumer',
  key: ({ consumer = 'any' }: ConsumerKey) => ({ market: 'all', actor: consumer }),
}, {
  start: message('Starts the consumer.', { reply: StartReply }),
  list: message('Lists consumers by name.', { body: ReadPage, reply: documentOf(ConsumerList), repeatable: true, takesTurns: true }),
  send: message("Sends the consumer a message; the message's id is the command's.", { body: SendMessage, reply: SendReply }),
  read: message('Reads the consumer and a page of its messages.', {
    body: ReadPage, reply: documentOf(Consumer), repeatable: true, takesTurns: true,
  }),
  stop: message('Ends the consumer for good.'),
});
