import { z } from 'zod';
import { Consumer, ConsumerList, ConsumerMessage, SendMessage } from './consumer.ts';
import { ReadPage } from './document-reply.ts';
import { documentOf, message } from './protocol/message.ts';
import { protocol } from './protocol/protocol.ts';

/** The key of a consumer: its name. A list has no name. */
export interface ConsumerKey {
  readonly consumer?: string;
}

/** The answer to `consumer.start`. A taken name is the failure `already_started`, with the consumer in its details. */
export const StartReply = z.object({
  consumer: documentOf(Consumer),
  /** Whether the same command started the consumer earlier. */
  replayed: z.boolean(),
});
export type StartReply = Readonly<z.infer<typeof StartReply>>;

/** The answer to `consumer.send`, sent once PostgreSQL has the message. */
export const SendReply = z.object({
  message: documentOf(ConsumerMessage),
  /** Whether the same command sent the message earlier. */
  replayed: z.boolean(),
});
export type SendReply = Readonly<z.infer<typeof SendReply>>;

/** The messages to named consumers. Any producer-consumer process answers; it asks the process that has the consumer. */
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
  stop: message('Deletes the consumer and its messages.'),
});
