import type { EventType, IntegrationEvent } from '@aisle/contracts';

/** An event of any type; `switch` on `type` tells its data. */
export type AnyEvent = { readonly [T in EventType]: IntegrationEvent<T> }[EventType];

/** An event, and where it came from. */
export interface ReceivedEvent {
  readonly topic: string;
  readonly partition: number;
  readonly position: number;
  readonly event: AnyEvent;
}

/** An event that could not be handled, while others of its batch were. */
export interface FailedEvent {
  readonly received: ReceivedEvent;
  readonly error: unknown;
}

/**
 * Handles events of one partition, in their order; its effects are durable when it resolves. It is called with some
 * of them again after a crash, a lost lease or a redrive, so it has to be idempotent (`insertInbox`, or a state
 * machine).
 *
 * What it throws means that nothing of the batch took effect: it is tried again, and where that does not help in halves,
 * until the events that can't be handled are found. Cheaper for everybody is to say so: `failed` lists single events,
 * and all others of the batch are done.
 *
 * A `Failure` of kind `unavailable`, `unknown` or `throttled`, or a database that is away, is tried again for as long
 * as it takes. Everything else counts as an attempt; after the last one the event is a dead letter.
 */
export type EventHandler = (
  events: readonly ReceivedEvent[],
) => Promise<{ readonly failed: readonly FailedEvent[] } | void>;

/** What a consumer did, for metrics and logs. */
export type ConsumerEvent =
  | {
      readonly kind: 'handled';
      readonly topic: string;
      readonly partition: number;
      readonly count: number;
      readonly durationMs: number;
    }
  /** An event failed: its key waits, and is tried again. */
  | {
      readonly kind: 'parked';
      readonly topic: string;
      readonly partition: number;
      readonly position: number;
      readonly attempts: number;
      readonly error: unknown;
    }
  | {
      readonly kind: 'dead';
      readonly topic: string;
      readonly partition: number;
      readonly position: number;
      readonly error: unknown;
    }
  /** A dead letter was handled after all. */
  | { readonly kind: 'revived'; readonly topic: string; readonly partition: number; readonly position: number }
  /** Something that is needed is away; the batch is tried again. */
  | { readonly kind: 'held'; readonly topic: string; readonly partition: number; readonly error: unknown }
  /** Events are missing in the backbone; the relay is asked to publish them again. */
  | { readonly kind: 'gap'; readonly topic: string; readonly partition: number; readonly after: number }
  | { readonly kind: 'acquired' | 'released'; readonly topic: string; readonly partition: number }
  | { readonly kind: 'failed'; readonly error: unknown };
