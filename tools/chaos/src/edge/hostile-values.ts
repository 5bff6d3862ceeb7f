/** A value in the form of JSON text, which may have no equivalent in JavaScript. */
export interface Hostile {
  readonly name: string;
  readonly json: string;
}

const LONE_HIGH = '\\ud83d';
const LONE_LOW = '\\udc00';

/** Texts that pass a schema, but break storage, a reader or a URL. */
const TEXTS: readonly (readonly [name: string, text: string])[] = [
  ['an empty text', ''], ['a space', ' '], ['outer spaces', ' a '], ['a tab', 'a\tb'], ['a line break', 'a\nb'],
  ['U+0000', 'a\u0000b'], ['U+0000 alone', '\u0000'], ['U+0001', '\u0001'], ['U+007F', 'a\u007fb'], ['U+FFFD', '\ufffd'],
  ['U+FFFF', '\uffff'], ['a byte-order mark', '\ufeffa'], ['a zero-width space', '\u200b'], ['right to left', '\u202eabc'],
  ['a no-break space', 'a\u00a0b'], ['a line separator', 'a\u2028b'], ['composed', 'caf\u00e9'], ['decomposed', 'cafe\u0301'],
  ['an astral character', '\u{1f6d2}'], ['a noncharacter', '\u{1fffe}'], ['one dot', '.'], ['two dots', '..'],
  ['a path', '../../etc/passwd'], ['an encoded path', '%2e%2e%2f'], ['__proto__', '__proto__'], ['constructor', 'constructor'],
  ['SQL', "'; DROP TABLE orders; --"], ['a placeholder', '$1 ${x} %s {0}'], ['an escape', '\\u0000'], ['HTML', '<script>alert(1)</script>'],
  ['a year 0', '0000-01-01'], ['a leap day of the year 0', '0000-02-29'], ['a year 10000', '10000-01-01'],
  ['a negative year', '-000001-01-01'], ['the last day', '9999-12-31'], ['no such day', '2026-02-30'], ['a month 13', '2026-13-01'],
  ['an instant of the year 0', '0000-01-01T00:00:00Z'], ['an instant out of range', '+275760-09-13T00:00:00.001Z'],
  ['a leap second', '2026-06-30T23:59:60Z'], ['infinity', 'infinity'], ['a number as text', '1'], ['a hexadecimal number', '0x10'],
  ['a currency of nobody', 'ZZZ'], ['128 characters', 'x'.repeat(128)], ['129 characters', 'x'.repeat(129)],
  ['128 astral characters', '\u{1f6d2}'.repeat(128)], ['201 characters', 'x'.repeat(201)], ['2,001 characters', 'x'.repeat(2_001)],
  ['65,537 characters', 'x'.repeat(65_537)],
];

const NUMBERS = [
  '0', '-0', '-1', '0.1', '1.5', '1e-7', '1e400', '-1e400', '1e-400', '9007199254740991', '9007199254740992', '9007199254740993',
  '12345678901234567890', '2147483648', '-2147483649', '9223372036854775808', '1000000001', '1e21', '1E2', '100000000000',
  '3.141592653589793238462643',
] as const;

const OTHERS: readonly Hostile[] = [
  ['null', 'null'], ['true', 'true'], ['an empty list', '[]'], ['an empty object', '{}'], ['a list of null', '[null]'],
  ['a key twice', '{"a":1,"a":2}'], ['__proto__ as a key', '{"__proto__":{"a":1}}'], ['an unknown key', '{"unknown":1}'],
  ['half a surrogate pair', `"${LONE_HIGH}"`], ['the other half', `"a${LONE_LOW}b"`], ['a pair the wrong way', `"${LONE_LOW}${LONE_HIGH}"`],
  ['half a pair as a key', `{"${LONE_HIGH}":1}`], ['U+0000 as a key', '{"\\u0000":1}'], ['NaN', 'NaN'], ['a bare word', 'undefined'],
  ['5,000 levels', `${'['.repeat(5_000)}${']'.repeat(5_000)}`], ['40 levels', `${'['.repeat(40)}1${']'.repeat(40)}`],
  ['1,001 entries', `[${Array(1_001).fill('"a"').join()}]`], ['501 objects', `[${Array(501).fill('{}').join()}]`],
  ['bytes that are no UTF-8', '"\udcff"'],
].map(([name = '', json = '']) => ({ name, json }));

/** Values of a malicious or careless client, for any place of a request. */
export const hostileValues: readonly Hostile[] = [
  ...TEXTS.map(([name, text]) => ({ name, json: JSON.stringify(text) })),
  ...NUMBERS.map((json) => ({ name: `the number ${json}`, json })),
  ...OTHERS,
];

/** The same as percent-encoded parts of a path or a query; some are not UTF-8. */
export const hostileParts: readonly Hostile[] = [
  ...TEXTS.filter(([, text]) => text.length < 1_000).map(([name, text]) => ({ name, json: encodeURIComponent(text) })),
  ...['%', '%zz', '%ff', '%c0%80', '%ed%a0%80', '%00', '%2f', '%252f', '+', ';a=b', 'a?b', '#'].map((json) => ({ name: json, json })),
];

/** Values of headers. A header contains no line break and no character above U+00FF. */
export const hostileHeaders: readonly string[] = [
  '', ' ', '*', '"1"', 'W/"1"', '"1", "2"', '1', '"', '"\u00e9"', 'x'.repeat(129), 'x'.repeat(10_000), '\u00ff\u00fe', '0x10', '-1', 'null',
];
