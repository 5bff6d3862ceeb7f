import { isTransient } from './item.ts';
import type { Item } from './item.ts';
import type { EventHandler, ReceivedEvent } from './received-event.ts';

/** The reason why an event was not tried: an earlier one of its key failed in the same batch. */
export const BEHIND = Symbol('behind a failed event of its key');

/** The options of an attempt. */
export interface TryOptions {
  readonly handle: EventHandler;
  /** The pause before a batch is tried again while a dependency is away; it doubles each time. */
  readonly retryMs: number;
  readonly pause: (delayMs: number) => Promise<void>;
  readonly isStopped: () => boolean;
  readonly onHeld: (error: unknown) => void;
}

const PAUSE_MAX_MS = 5_000;

/**
 * Passes events to the handler. If it throws, the failing events are found by bisection, and all others take effect.
 * Returns undefined if told to stop before that. While a dependency is away it holds the batch.
 */
export async function tryEvents(
  items: readonly Item[], options: TryOptions,
): Promise<ReadonlyMap<Item, unknown> | undefined> {
  const failed = new Map<Item, unknown>();
  const keys = new Set<string>();
  const fail = (item: Item, error: unknown): void => {
    failed.set(item, error);
    keys.add(item.key);
  };
  for (const item of items) if (!item.received) fail(item, item.error);
  const readable = items.filter(({ received }) => received);
  return (await tryPart(readable, keys, fail, options)) ? failed : undefined;
}

async function tryPart(
  part: readonly Item[], failedKeys: ReadonlySet<string>, fail: (item: Item, error: unknown) => void,
  options: TryOptions,
): Promise<boolean> {
  const open = part.filter((item) => !failedKeys.has(item.key));
  for (const item of part) if (failedKeys.has(item.key)) fail(item, BEHIND);
  if (open.length === 0) return true;
  for (let pauseMs = options.retryMs; ; pauseMs = Math.min(PAUSE_MAX_MS, pauseMs * 2)) {
    if (options.isStopped()) return false;
    try {
      const answer = await options.handle(open.map(({ received }) => received as ReceivedEvent));
      for (const { received, error } of answer?.failed ?? []) {
        const item = open.find((one) => one.received === received);
        if (item) fail(item, error);
      }
      return true;
    } catch (error) {
      if (!isTransient(error)) {
        if (open.length === 1) {
          fail(open[0] as Item, error);
          return true;
        }
        const middle = open.length >>> 1;
        return (
          (await tryPart(open.slice(0, middle), failedKeys, fail, options)) &&
          tryPart(open.slice(middle), failedKeys, fail, options)
        );
      }
      options.onHeld(error);
      await options.pause(pauseMs);
    }
  }
}
