import { z } from 'zod';
import { withShortcut } from './protocol/shortcut.ts';

/** Whether a text can be stored: PostgreSQL cannot store U+0000, and UTF-8 cannot encode an unpaired surrogate. */
function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

const STORABLE = 'must hold no U+0000 and no half of a surrogate pair';
// Every regular expression engine reads this pattern. JSON schema cannot express surrogates.
const STORABLE_PATTERN = '^[^\\x00]*$';
// The braille blank (U+2800) is a symbol in Unicode, but shows nothing.
const BLANK = /^[\s\p{Cc}\p{Cf}\p{Z}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u2800]*$/u;

/** A text that can be stored and read back unchanged. Every text between processes has this schema or a stricter one. */
export const Text = withShortcut(z.string().refine(isStorable, STORABLE), isStorable);

/** A `Text` in a request, whose JSON schema describes the refused characters. */
export const GivenText = Text.meta({ pattern: STORABLE_PATTERN });

/** A text for people, such as a name or a reason. It must have a visible character. */
export const DisplayText = Text
  .refine((text) => !BLANK.test(text), 'must have at least one visible character')
  .meta({ minLength: 1, pattern: STORABLE_PATTERN });

const DEPTH_MAX = 32;

/** Any JSON value whose texts and keys can be stored, nested at most 32 levels deep. */
export const Json = z.unknown().refine((value) => isStorableJson(value, 0), `its texts ${STORABLE}, and it must be nested at most ${DEPTH_MAX} deep`);

function isStorableJson(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return isStorable(value);
  if (typeof value !== 'object' || value === null) return true;
  if (depth === DEPTH_MAX) return false;
  if (Array.isArray(value)) return value.every((child) => isStorableJson(child, depth + 1));
  return Object.entries(value).every(([key, child]) => isStorable(key) && isStorableJson(child, depth + 1));
}
