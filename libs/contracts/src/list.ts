import { z } from 'zod';

/** The schema of a list: what it takes is a list already, and what it makes is one. */
type ListOf<T extends z.ZodType> = z.ZodType<z.output<T>[], z.input<T>[]>;

/** No more wrong items are looked for: nobody is told of more. */
const WRONG_MAX = 20;

/**
 * A list in a request. One that is too long is refused before any item is looked at, and the look at its items ends after some
 * that are wrong: 256 kB hold a hundred thousand, and to describe each would take seconds.
 */
export function listOf<T extends z.ZodType>(item: T, { least = 0, most }: { least?: number; most: number }): ListOf<T> {
  const wanted = least === 0 ? `at most ${most}` : `${least} to ${most}`;
  const list = z.preprocess((list, { addIssue }) => {
    if (!Array.isArray(list)) return list;
    if (list.length < least || list.length > most) {
      addIssue({ code: 'custom', message: `must have ${wanted} items` });
      return z.NEVER;
    }
    return list.length > WRONG_MAX ? upToWrong(item, list) : list;
  }, z.array(item).min(least).max(most));
  LISTS.add(list);
  return list as unknown as ListOf<T>;
}

/** Whether a schema is one of `listOf`: its array says all that it demands, and the preprocessing only bounds the work. */
export function isList(schema: z.core.$ZodType): boolean {
  return LISTS.has(schema);
}

const LISTS = new WeakSet<z.core.$ZodType>();

/** The list, or as much of it as is told of when much is wrong with it. */
function upToWrong(item: z.ZodType, list: readonly unknown[]): readonly unknown[] {
  let wrong = 0;
  const end = list.findIndex((one) => !item.safeParse(one).success && (wrong += 1) >= WRONG_MAX);
  return end < 0 ? list : list.slice(0, end + 1);
}
