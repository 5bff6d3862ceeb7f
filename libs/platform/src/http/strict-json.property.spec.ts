import fc from 'fast-check';
import { parseStrictJson } from './strict-json.ts';

describe('parseStrictJson', () => {
  it('reads back every value that JSON.stringify writes', () => {
    fc.assert(fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
      const text = JSON.stringify(value);
      fc.pre(!/[\0\ud800-\udfff]|__proto__|constructor|prototype/u.test(text) && !text.includes('\\u'));

      expect(parse(text)).toEqual(JSON.parse(text));
    }));
  });

  it('accepts every number that a double holds exactly, and no other', () => {
    fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer({ min: 1, max: 99 }), (value, more) => {
      fc.pre(value !== 0);
      // A double has no more than 17 digits.
      const longer = value.toExponential(16).replace('e', `${String(more).padStart(2, '0')}e`);

      expect(parse(String(value))).toBe(value);
      expect(() => parse(longer)).toThrow(expect.objectContaining({ code: 'json.number_inexact' }));
    }));
  });
});

function parse(text: string): unknown {
  return parseStrictJson(Buffer.from(text));
}
