import { failures } from '@aisle/std';

/** Failures of a page of a list. */
export const PageFailure = failures('page', {
  /** No earlier page answered with this cursor. */
  cursorInvalid: ['invalid', 'the cursor must be the `next` of the page before'],
});

/** The place after which the next page begins, as text that callers need not understand. */
export function cursorOf(...place: string[]): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/** The parts of a place, or none at the beginning. Throws `PageFailure.cursorInvalid`. */
export function cursorFrom(cursor: string | undefined, parts: number, like = /^[^\0]*$/): string[] {
  if (cursor === undefined) return [];
  try {
    const place = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown;
    const isPlace = Array.isArray(place) && place.length === parts && place.every((part) => typeof part === 'string' && like.test(part));
    if (isPlace) return place as string[];
  } catch {
    // No place either.
  }
  throw PageFailure.cursorInvalid();
}

/** A page of rows, of which one more was asked for than it holds. */
export function pageOf<R>(rows: readonly R[], limit: number, cursor: (last: R) => string): { items: readonly R[]; next: string | null } {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next: rows.length > limit && last !== undefined ? cursor(last) : null };
}
