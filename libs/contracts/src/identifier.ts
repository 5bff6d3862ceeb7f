import { z } from 'zod';
import { withShortcut } from './protocol/shortcut.ts';

const CHARACTERS_MAX = 128;
// Nearly all identifiers match it, without a check of their Unicode properties.
const PLAIN = /^[!-~](?:[ -~]{0,126}[!-~])?$/;
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u2800]/u;
const OTHER_SPACE = /(?! )\p{Zs}/u;
// Joiners and selectors are allowed inside the emoji that Unicode recommends. A literal with the flag `v` needs the target ES2024.
const EMOJI = new RegExp('\\p{RGI_Emoji}', 'gv');

/**
 * A client's name for a resource, such as `Bob's list`. Names that look alike are equal or refused, and each can be a segment of a
 * URL.
 */
export const Identifier = withShortcut(z
  .string()
  .superRefine((id, { addIssue }) => {
    const message = isPlain(id) ? undefined : faultOf(id);
    if (message !== undefined) addIssue({ code: 'custom', message });
  })
  .meta({
    id: 'Identifier',
    description: '1 to 128 characters in Unicode Normalization Form C, without control and invisible characters; spaces (U+0020) only '
      + 'inside; not . or ..',
    minLength: 1,
    maxLength: CHARACTERS_MAX,
    // The pattern is limited to syntax that every regular expression engine reads, so it covers only a part of the checks.
    pattern: '^[^\\x00-\\x20\\x7F](?:[^\\x00-\\x1F\\x7F]*[^\\x00-\\x20\\x7F])?$',
  }), isPlain);

function faultOf(id: string): string | undefined {
  // The comparison of lengths keeps long texts from being split into characters.
  if (id === '' || id.length > 2 * CHARACTERS_MAX || [...id].length > CHARACTERS_MAX) return `must be 1 to ${CHARACTERS_MAX} characters`;
  if (isDots(id)) return 'must not be . or .., which clients remove from a URL';
  if (INVISIBLE.test(id) && INVISIBLE.test(id.replace(EMOJI, ''))) return 'must not contain control or invisible characters';
  if (id.startsWith(' ') || id.endsWith(' ')) return 'must not begin or end with a space';
  if (OTHER_SPACE.test(id)) return 'must not contain spaces other than U+0020';
  return id === id.normalize('NFC') ? undefined : 'must be in Unicode Normalization Form C (NFC)';
}

function isPlain(id: string): boolean {
  return PLAIN.test(id) && !isDots(id);
}

function isDots(id: string): boolean {
  return id === '.' || id === '..';
}
