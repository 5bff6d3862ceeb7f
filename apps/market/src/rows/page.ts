import { failures } from '@aisle/std';

/** Failures of a page of a list. */
export const PageFailure = failures('page', {
  /** No earlier page answered with this cursor. */
  cursorInvalid: ['invalid', 'the cursor must be the `next` of the page before'],
});

/** The cursor of a position, after which the next page begins. It is opaque to callers. */
export function cursorOf(...position: string[]): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/** The parts of a cursor's position; empty without a cursor. Throws `PageFailure.cursorInvalid`. */
export function cursorFrom(cursor: string | undefined, parts: number, like = /^[^\0]*$/): string[] {
  if (cursor === undefined) return [];
  try {
    const position = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown;
    const isValid = Array.isArray(position) && position.length === parts
      && position.every((part) => typeof part === 'string' && like.test(part));
    if (isValid) return position as string[];
  } catch {
    // The cursor is not JSON; it is refused below.
  }
  throw PageFailure.cursorInvalid();
}

/** A page of at most `limit` rows. The query must ask for one row more, which shows whether there is a next page. */
export function pageOf<R>(rows: readonly R[], limit: number, cursor: (last: R) => string): { items: readonly R[]; next: string | null } {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next: rows.length > limit && last !== undefined ? cursor(last) : null };
}
