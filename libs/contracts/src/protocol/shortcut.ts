import type { z } from 'zod';

/** Finds most right texts without running the schema. */
type Shortcut = (text: string) => boolean;

const SHORTCUTS = new WeakMap<z.core.$ZodType, Shortcut>();

/**
 * Gives a schema of texts a shortcut: a test that holds only of texts that the schema takes as they are. Whatever fails it is
 * parsed. Returns the schema.
 */
export function withShortcut<T extends z.core.$ZodType>(schema: T, shortcut: Shortcut): T {
  SHORTCUTS.set(schema, shortcut);
  return schema;
}

/** The shortcut of a schema, also when it was described anew by `meta` since; not of one that demands more. */
export function shortcutOf(schema: z.core.$ZodType): Shortcut | undefined {
  for (let each: z.core.$ZodType | undefined = schema; each && each._zod.def === schema._zod.def; each = each._zod.parent) {
    const shortcut = SHORTCUTS.get(each);
    if (shortcut) return shortcut;
  }
  return undefined;
}
