import { isFailure } from '@aisle/std';
import { unavailableReason } from '@aisle/persistence';
import type { Entry } from '../backbone/backbone.ts';
import type { AnyEvent, ReceivedEvent } from './received-event.ts';

/** An entry on its way through a consumer. */
export interface Item extends Omit<Entry, 'seal'> {
  readonly key: string;
  /** Undefined if the body is not an event; `error` says why. */
  readonly received: ReceivedEvent | undefined;
  readonly error: unknown;
  attempts: number;
}

/** Parses an entry's JSON. No other code does. */
export function itemOf(entry: Entry, topic: string, partition: number): Item {
  const { position, body, resumeAt, isEscaped } = entry;
  try {
    if (isEscaped) throw new TypeError('not an integration event: its bytes are not UTF-8 text');
    const event = JSON.parse(body) as AnyEvent;
    if (typeof event?.key !== 'string') throw new TypeError('not an integration event: it has no key');
    return {
      position, body, resumeAt, key: event.key, received: { topic, partition, position, event }, error: undefined,
      attempts: 0,
    };
  } catch (error) {
    return { position, body, resumeAt, isEscaped, key: `#${position}`, received: undefined, error, attempts: 0 };
  }
}

const IN_TIME = new Set(['unavailable', 'unknown', 'throttled']);

/** True for a temporary error: a dependency is away, or two transactions conflicted. */
export function isTransient(error: unknown): boolean {
  if (isFailure(error)) return IN_TIME.has(error.kind);
  const { code } = (error ?? {}) as { code?: unknown };
  return code === '40001' || code === '40P01' || (error != null && unavailableReason(error) !== undefined);
}

/** The description of an error in a dead letter: a stable code, and one line. */
export function describeError(error: unknown): { code: string; error: string } {
  if (isFailure(error)) return { code: error.code, error: error.message };
  const { name, message } = (error ?? {}) as { name?: unknown; message?: unknown };
  return {
    code: typeof name === 'string' ? name : 'Error',
    error: (typeof message === 'string' ? message : String(error)).slice(0, 2_000),
  };
}
