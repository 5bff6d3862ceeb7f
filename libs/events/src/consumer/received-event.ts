import type { EventType, IntegrationEvent } from '@aisle/contracts';

/** An event of any type. A `switch` on `type` narrows its data. */
export type AnyEvent = { readonly [T in EventType]: IntegrationEvent<T> }[EventType];

/** An event with its origin. */
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
 * Handles events of one partition, in order. Its effects are durable when it resolves. Some events come again after a
 * crash, a lost lease or a redrive, so it must be idempotent (`insertInbox`, or a state machine).
 *
 * An error means that nothing of the batch took effect. The batch is tried again, and if that does not help, in halves,
 * until the failing events are found. It is cheaper to return `failed`, which lists single events; all others of the
 * batch are done.
 *
 * After a `Failure` of kind `unavailable`, `unknown` or `throttled`, or while the database is away, the batch is tried
 * again without limit. Any other error counts as an attempt. After the last one the event is a dead letter.
 */
export type EventHandler = (
  events: readonly ReceivedEvent[],
) => Promise<{ readonly failed: readonly FailedEvent[] } | void>;

/** The reports of a consumer, for metrics and logs. */
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
  /** A dependency is away, and the batch is tried again. */
  | { readonly kind: 'held'; readonly topic: string; readonly partition: number; readonly error: unknown }
  /** Events are missing in the backbone, and the relay is asked to publish them again. */
  | { readonly kind: 'gap'; readonly topic: string; readonly partition: number; readonly after: number }
  | { readonly kind: 'acquired' | 'released'; readonly topic: string; readonly partition: number }
  | { readonly kind: 'failed'; readonly error: unknown };
