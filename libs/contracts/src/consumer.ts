import { z } from 'zod';
import { Instant } from './calendar.ts';
import { Identifier } from './identifier.ts';
import { Json, Text } from './text.ts';

const BODY_CHARS_MAX = 65_536;

/** The body of `POST /consumers`. */
export const StartConsumer = z.strictObject({ name: Identifier }).meta({ id: 'StartConsumer' });
export type StartConsumer = z.infer<typeof StartConsumer>;

/** The body of `POST …/messages`. */
export const SendMessage = z
  .strictObject({
    body: Json
      .refine((body) => body !== undefined, 'is missing; it must be a JSON value')
      .refine((body) => (JSON.stringify(body) ?? '').length <= BODY_CHARS_MAX, `must have at most ${BODY_CHARS_MAX} characters as JSON`)
      .meta({ description: `any JSON value with at most ${BODY_CHARS_MAX} characters as text` }),
  })
  .meta({ id: 'SendMessage' });
export type SendMessage = z.infer<typeof SendMessage>;

/** A message of a consumer. */
export const ConsumerMessage = z
  .strictObject({
    id: Text.meta({ description: 'the Idempotency-Key under which it was sent' }),
    body: Json,
    at: Instant,
  })
  .meta({ id: 'ConsumerMessage' });
export type ConsumerMessage = z.infer<typeof ConsumerMessage>;

/** A consumer, with a page of its messages in the order in which they arrived. */
export const Consumer = z
  .strictObject({
    name: Identifier,
    messages: z.array(ConsumerMessage),
    next: Text.nullable().meta({ description: 'the cursor of the next page of messages; null on the last one' }),
    restarts: z.int().meta({ description: 'the number of restarts after crashes or in other processes' }),
    startedAt: Instant,
  })
  .meta({ id: 'Consumer' });
export type Consumer = z.infer<typeof Consumer>;

/** A page of consumers, sorted by name. */
export const ConsumerList = z
  .strictObject({
    items: z.array(Consumer.pick({ name: true, restarts: true, startedAt: true }).strict()),
    next: Text.nullable().meta({ description: 'the cursor of the next page; null on the last one' }),
  })
  .meta({ id: 'ConsumerList' });
export type ConsumerList = z.infer<typeof ConsumerList>;
