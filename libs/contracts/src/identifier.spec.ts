import { Identifier } from './index.ts';

const DECOMPOSED = 'cafe\u0301';

describe('Identifier', () => {
  it.each([
    "Bob's list", 'ü/%?#', 'caf\u00e9', '牛乳', 'חלב', 'دودھ', 'नमक', '😀', 'x'.repeat(128), '😀'.repeat(128), '...', '.a', 'a..b',
    '__proto__', 'null', '*', '☕', '❤️', '👨‍👩‍👧', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '-', '0',
  ])('takes %j', (id) => {
    expect(Identifier.parse(id)).toBe(id);
  });

  it.each([
    ['', 'be 1 to 128 characters'],
    ['x'.repeat(129), 'be 1 to 128 characters'],
    ['😀'.repeat(129), 'be 1 to 128 characters'],
    ['x'.repeat(1_000_000), 'be 1 to 128 characters'],
    ['.', 'not be . or ..'],
    ['..', 'not be . or ..'],
    [' a', 'not begin or end with a space'],
    ['a ', 'not begin or end with a space'],
    [' ', 'not begin or end with a space'],
    [DECOMPOSED, 'be in Unicode Normalization Form C (NFC)'],
    ['\u212b', 'be in Unicode Normalization Form C (NFC)'],
    ...[0xa0, 0x1680, 0x2003, 0x202f, 0x205f, 0x3000].flatMap((space): [string, string][] => [
      [`a${String.fromCodePoint(space)}b`, 'not contain spaces other than U+0020'],
      [String.fromCodePoint(space), 'not contain spaces other than U+0020'],
    ]),
    ...[
      0x00, 0x09, 0x0a, 0x7f, 0x85, 0xad, 0x034f, 0x061c, 0x115f, 0x180e, 0x200b, 0x200d, 0x200e, 0x202e, 0x2028, 0x2029, 0x2060, 0x2066,
      0x2800, 0x3164, 0xfe0f, 0xfeff, 0xffa0, 0xfff9, 0xfdd0, 0xfffe, 0xffff, 0x1fffe, 0x1d173, 0xe0001, 0xe0041, 0xe0100, 0xd800, 0xdc00,
    ].flatMap((invisible): [string, string][] => [
      [`a${String.fromCodePoint(invisible)}b`, 'not contain control or invisible'],
      [String.fromCodePoint(invisible), 'not contain control or invisible'],
    ]),
    ['👨\u200d', 'not contain control or invisible'],
  ])('refuses %j, because it must %s', (id, right) => {
    expect(Identifier.safeParse(id).error?.issues).toEqual([
      expect.objectContaining({ path: [], message: expect.stringContaining(right) as string }),
    ]);
  });

  it.each([7, null, undefined, ['a'], {}])('refuses %j', (id) => {
    expect(Identifier.safeParse(id).success).toBe(false);
  });

  it('publishes a pattern that needs no flag and accepts every valid identifier', () => {
    const { pattern = '', minLength, maxLength } = Identifier.meta() as { pattern?: string; minLength?: number; maxLength?: number };

    expect([minLength, maxLength]).toEqual([1, 128]);
    expect(["Bob's list", 'a', '😀', '牛乳', ' a', 'a ', 'a\nb', ''].map((id) => new RegExp(pattern).test(id))).toEqual([
      true, true, true, true, false, false, false, false,
    ]);
  });
});
