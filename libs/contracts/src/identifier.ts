import { z } from 'zod';
import { withShortcut } from './protocol/shortcut.ts';

const CHARACTERS_MAX = 128;
// What nearly all are, found without a look at Unicode.
const PLAIN = /^[!-~](?:[ -~]{0,126}[!-~])?$/;
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u2800]/u;
const OTHER_SPACE = /(?! )\p{Zs}/u;
// Joiners and selectors are visible inside the emoji that Unicode recommends. TypeScript knows the flag from ES2024 on.
const EMOJI = new RegExp('\\p{RGI_Emoji}', 'gv');

/**
 * A caller's own name for a thing, `Bob's list` among them. Two names that look alike are one or are refused, and each can be
 * a segment of a URL.
 */
export const Identifier = withShortcut(z
  .string()
  .superRefine((id, { addIssue }) => {
    const message = isPlain(id) ? undefined : faultOf(id);
    if (message !== undefined) addIssue({ code: 'custom', message });
  })
  .meta({
    id: 'Identifier',
    description: '1 to 128 characters in Unicode Normalization Form C, none of them a control or invisible; spaces (U+0020) only inside; '
      + 'not . or ..',
    minLength: 1,
    maxLength: CHARACTERS_MAX,
    // Readable by every regular expression engine, and so only a part of what is checked.
    pattern: '^[^\\x00-\\x20\\x7F](?:[^\\x00-\\x1F\\x7F]*[^\\x00-\\x20\\x7F])?$',
  }), isPlain);

function faultOf(id: string): string | undefined {
  // The first comparison keeps long texts from being taken apart.
  if (id === '' || id.length > 2 * CHARACTERS_MAX || [...id].length > CHARACTERS_MAX) return `must be 1 to ${CHARACTERS_MAX} characters`;
  if (isDots(id)) return 'must not be . or .., which every client takes out of a URL';
  if (INVISIBLE.test(id) && INVISIBLE.test(id.replace(EMOJI, ''))) return 'must hold no control and no invisible characters';
  if (id.startsWith(' ') || id.endsWith(' ')) return 'must not begin or end with a space';
  if (OTHER_SPACE.test(id)) return 'must hold no space other than U+0020';
  return id === id.normalize('NFC') ? undefined : 'must be in Unicode Normalization Form C (NFC)';
}

function isPlain(id: string): boolean {
  return PLAIN.test(id) && !isDots(id);
}

function isDots(id: string): boolean {
  return id === '.' || id === '..';
}
