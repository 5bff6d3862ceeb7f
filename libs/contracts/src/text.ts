import { z } from 'zod';
import { withShortcut } from './protocol/shortcut.ts';

/** Whether UTF-8 and PostgreSQL can hold a text as it is. PostgreSQL has no U+0000, and UTF-8 no half of a surrogate pair. */
function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

const STORABLE = 'must hold no U+0000 and no half of a surrogate pair';
// Readable by every regular expression engine. JSON schema has no words for surrogates.
const STORABLE_PATTERN = '^[^\\x00]*$';
// The braille blank is a symbol to Unicode and shows nothing all the same.
const BLANK = /^[\s\p{Cc}\p{Cf}\p{Z}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u2800]*$/u;

/** Text that can be stored and read back as it is. Every text that crosses a process is at least this. */
export const Text = withShortcut(z.string().refine(isStorable, STORABLE), isStorable);

/** The same in a request: its JSON schema says what is refused. */
export const GivenText = Text.meta({ pattern: STORABLE_PATTERN });

/** Text for people, such as a name or a reason. It must show something. */
export const DisplayText = Text
  .refine((text) => !BLANK.test(text), 'must have at least one visible character')
  .meta({ minLength: 1, pattern: STORABLE_PATTERN });

const DEPTH_MAX = 32;

/** Any JSON value of which each text and each key can be stored, nested no deeper than whoever reads it can follow. */
export const Json = z.unknown().refine((value) => isStorableJson(value, 0), `its texts ${STORABLE}, and it must be nested at most ${DEPTH_MAX} deep`);

function isStorableJson(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return isStorable(value);
  if (typeof value !== 'object' || value === null) return true;
  if (depth === DEPTH_MAX) return false;
  if (Array.isArray(value)) return value.every((child) => isStorableJson(child, depth + 1));
  return Object.entries(value).every(([key, child]) => isStorable(key) && isStorableJson(child, depth + 1));
}
