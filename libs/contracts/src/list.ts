import { z } from 'zod';

/** The schema of a list, with the types that `z.preprocess` loses. */
type ListOf<T extends z.ZodType> = z.ZodType<z.output<T>[], z.input<T>[]>;

/** The search for wrong items ends after this many, because an answer does not list more. */
const WRONG_MAX = 20;

/**
 * The schema of a list in a request. A list that is too long is refused before its items are validated, and validation ends after
 * 20 wrong items. A body of 256 kB holds a hundred thousand items, and describing each would take seconds.
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
  LISTS.add(list._zod.def);
  return list as unknown as ListOf<T>;
}

/** Whether `listOf` created the schema, perhaps before it got a description. Its array then has all demands; the preprocessing only limits the work. */
export function isList(schema: z.core.$ZodType): boolean {
  return LISTS.has(schema._zod.def);
}

const LISTS = new WeakSet<z.core.$ZodTypeDef>();

/** The list up to its last reported wrong item, or the whole list. */
function upToWrong(item: z.ZodType, list: readonly unknown[]): readonly unknown[] {
  let wrong = 0;
  const end = list.findIndex((one) => !item.safeParse(one).success && (wrong += 1) >= WRONG_MAX);
  return end < 0 ? list : list.slice(0, end + 1);
}
