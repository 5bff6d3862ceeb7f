import { OrderFailure } from '../order/order-failures.ts';

/** The position of an order in a list. The next page begins after it. */
export interface PagePosition {
  readonly at: Date;
  readonly id: string;
}

/** The cursor of a position. It is opaque to callers. */
export function cursorOf({ at, id }: PagePosition): string {
  return Buffer.from(JSON.stringify([at.getTime(), id])).toString('base64url');
}

/** The position of a cursor from `cursorOf`. Throws a failure of kind `invalid` for any other text. */
export function positionOf(cursor: string): PagePosition {
  try {
    const [atMs, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as [unknown, unknown];
    if (isInstant(atMs) && typeof id === 'string' && !id.includes('\0')) return { at: new Date(atMs), id };
  } catch {
    // The text is not JSON, or not a pair; it is refused below.
  }
  throw OrderFailure.cursorInvalid();
}

/** Whether the value is an instant that PostgreSQL can store. */
function isInstant(atMs: unknown): atMs is number {
  return Number.isInteger(atMs) && (atMs as number) >= 0 && (atMs as number) < Date.UTC(10_000, 0);
}
