import { eventsOf, type RecordedRow } from '@aisle/journal';
import type { BasketEvent } from './basket-event.ts';
import { eventOf, isChange, principalIn, typeOf, type StoredEvent } from './stored-event.ts';

/** The event of a row with its principal, if it is of this type. */
export function eventIn<T extends BasketEvent['type']>(
  row: Pick<RecordedRow, 'events'>, type: T,
): { readonly event: Extract<BasketEvent, { type: T }>; readonly by: string } | undefined {
  if (isChange(row)) return undefined;
  const [stored] = eventsOf<StoredEvent>(row);
  if (!stored || typeOf(stored) !== type) return undefined;
  return { event: eventOf(stored) as Extract<BasketEvent, { type: T }>, by: principalIn(stored) };
}
