import { OrderFailure } from '../order/order-failures.ts';

/** The place of an order in a list: behind it goes on the page after. */
export interface Place {
  readonly at: Date;
  readonly id: string;
}

/** A place as a text that says nothing to anybody. */
export function cursorOf({ at, id }: Place): string {
  return Buffer.from(JSON.stringify([at.getTime(), id])).toString('base64url');
}

/** The place that `cursorOf` made the text of. Throws a failure of kind `invalid` for any other text. */
export function placeOf(cursor: string): Place {
  try {
    const [atMs, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as [unknown, unknown];
    if (isInstant(atMs) && typeof id === 'string' && !id.includes('\0')) return { at: new Date(atMs), id };
  } catch {
    // No JSON, or no pair.
  }
  throw OrderFailure.cursorInvalid();
}

/** One that PostgreSQL can hold as well. */
function isInstant(atMs: unknown): atMs is number {
  return Number.isInteger(atMs) && (atMs as number) >= 0 && (atMs as number) < Date.UTC(10_000, 0);
}
