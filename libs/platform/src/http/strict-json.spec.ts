import { parseStrictJson } from './strict-json.ts';

describe('parseStrictJson', () => {
  it.each([
    '{"a":[1,{"b":"c"}],"d":null}',
    '"a string with { and \\" and : in it"',
    '{"a":"x","b":{"a":"x"}}',
    '[{"a":1},{"a":2}]',
    `${'['.repeat(32)}${']'.repeat(32)}`,
    '{"text":"__proto__","list":["constructor"]}',
    ' { "a" : 1 } ',
  ])('reads %s as JSON.parse does', (text) => {
    expect(parseStrictJson(text)).toEqual(JSON.parse(text));
  });

  it.each([
    ['{"a":1,"a":2}', 'json.duplicate_key'],
    ['{"a":1,"\\u0061":2}', 'json.duplicate_key'],
    ['{"x":{"__proto__":{}}}', 'json.forbidden_key'],
    ['{"constructor" : 1}', 'json.forbidden_key'],
    [`${'['.repeat(33)}${']'.repeat(33)}`, 'json.too_deep'],
    ['{', 'json.malformed'],
    ['{"a":1} x', 'json.malformed'],
    ['{"a":NaN}', 'json.malformed'],
  ])('refuses %s', (text, code) => {
    expect(() => parseStrictJson(text)).toThrow(expect.objectContaining({ kind: 'invalid', code }));
  });
});
