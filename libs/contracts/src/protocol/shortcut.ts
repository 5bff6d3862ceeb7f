import type { z } from 'zod';

/** Recognizes most valid texts without running the schema. */
type Shortcut = (text: string) => boolean;

const SHORTCUTS = new WeakMap<z.core.$ZodType, Shortcut>();

/**
 * Gives a schema of texts a shortcut: a test that is true only for texts that the schema accepts unchanged. Other texts are parsed.
 * Returns the schema.
 */
export function withShortcut<T extends z.core.$ZodType>(schema: T, shortcut: Shortcut): T {
  SHORTCUTS.set(schema, shortcut);
  return schema;
}

/** The shortcut of a schema. `meta` keeps it; a schema with further checks has none. */
export function shortcutOf(schema: z.core.$ZodType): Shortcut | undefined {
  for (let each: z.core.$ZodType | undefined = schema; each && each._zod.def === schema._zod.def; each = each._zod.parent) {
    const shortcut = SHORTCUTS.get(each);
    if (shortcut) return shortcut;
  }
  return undefined;
}
