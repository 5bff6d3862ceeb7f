import { parseStrictJson } from './strict-json.ts';

const NOT_UTF8: [what: string, bytes: number[]][] = [
  ['latin-1', [0x22, 0x63, 0x61, 0x66, 0xe9, 0x22]],
  ['an overlong form', [0x22, 0xc0, 0xaf, 0x22]],
  ['a surrogate as CESU-8 encodes it', [0x22, 0xed, 0xa0, 0x80, 0x22]],
  ['a code point beyond U+10FFFF', [0x22, 0xf4, 0x90, 0x80, 0x80, 0x22]],
  ['a truncated character', [0x22, 0xe2, 0x82]],
  ['UTF-16', [0xff, 0xfe, 0x37, 0x00]],
];

const BAD_TEXTS: [json: string, path: string][] = [
  [String.raw`"\u0000"`, ''],
  [String.raw`{"body":"a\u0000b"}`, 'body'],
  [String.raw`{"a":[1,{"b":["x","\ud800"]}]}`, 'a.1.b.1'],
  [String.raw`{"a":"\uDC00\uD800"}`, 'a'],
  [String.raw`{"a":{"b\u0000":1}}`, 'a.'],
  [String.raw`{"first":{"x":["},\""]},"then":"\udbff"}`, 'then'],
];

const BAD_NUMBERS: [json: string, path: string, became: string][] = [
  ['9007199254740993', '', '9007199254740992'],
  ['{"amount":12345678901234567890}', 'amount', '12345678901234567000'],
  ['[0,-9007199254740993]', '1', '-9007199254740992'],
  ['{"a":[{"b":1e400}]}', 'a.0.b', 'Infinity'],
  ['{"a":-1e400 }', 'a', '-Infinity'],
  ['1e-400', '', '0'],
  ['0.1234567890123456789', '', '0.12345678901234568'],
  ['1.00000000000000000001', '', '1'],
  [`1${'0'.repeat(400)}`, '', 'Infinity'],
];

describe('parseStrictJson', () => {
  it.each([
    '{"a":[1,{"b":"c"}],"d":null}',
    '"a string with { and \\" and : in it"',
    '{"a":"x","b":{"a":"x"}}',
    '[{"a":1},{"a":2}]',
    `${'['.repeat(32)}${']'.repeat(32)}`,
    '{"text":"__proto__","list":["constructor"]}',
    ' { "a" : 1 } ',
    String.raw`{"a":"\\u0000","b":"\\","c":"\ud83d\ude00","d":"\"","\\":"\\\\"}`,
    '"\u{10ffff} 😀 日本語 \\ufeff"',
    '[0,-0,1.0,-1.50,1e2,1E+2,100e-2,0e999,0.1,1e21,9007199254740991,9007199254740992,1.7976931348623157e308,5e-324]',
    '{"a":true,"b":false , "c" : -1}',
  ])('parses %s as JSON.parse does', (text) => {
    expect(parse(text)).toEqual(JSON.parse(text));
  });

  it.each([
    ['{"a":1,"a":2}', 'json.duplicate_key'],
    ['{"a":1,"\\u0061":2}', 'json.duplicate_key'],
    ['{"a\\"":1,"a\\"":2}', 'json.duplicate_key'],
    ['{"x":{"__proto__":{}}}', 'json.forbidden_key'],
    ['{"constructor" : 1}', 'json.forbidden_key'],
    [`${'['.repeat(33)}${']'.repeat(33)}`, 'json.too_deep'],
    ['{', 'json.malformed'],
    ['{"a":1} x', 'json.malformed'],
    ['{"a":NaN}', 'json.malformed'],
    ['"raw \0"', 'json.malformed'],
    ['\ufeff{}', 'json.byte_order_mark'],
    ['\ufeff', 'json.byte_order_mark'],
  ])('refuses %j as %s', (text, code) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ kind: 'invalid', code }));
  });

  it.each(NOT_UTF8)('refuses %s', (_what, bytes) => {
    expect(() => parseStrictJson(Buffer.from(bytes))).toThrow(expect.objectContaining({ kind: 'invalid', code: 'json.not_utf8' }));
  });

  it.each(BAD_TEXTS)('refuses the text in %s and gives its path "%s"', (text, path) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({
      kind: 'invalid', code: 'json.text_unstorable', details: { errors: [{ path, message: expect.stringContaining('U+0000') }] },
    }));
  });

  it.each(BAD_NUMBERS)('refuses the number in %s, whose value at "%s" would become %s', (text, path, became) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({
      kind: 'invalid', code: 'json.number_inexact', details: { errors: [{ path, message: expect.stringContaining(`become ${became}`) }] },
    }));
  });
});

function parse(text: string): unknown {
  return parseStrictJson(Buffer.from(text));
}
