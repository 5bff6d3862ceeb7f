import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { sha256 } from './sha256.ts';

describe('sha256', () => {
  it.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  ])('of %j is that of FIPS 180-4', (text, expected) => {
    expect(sha256(text)).toBe(expected);
  });

  it('agrees with OpenSSL on every length up to three blocks', () => {
    for (let length = 0; length <= 192; length += 1) {
      const text = 'x'.repeat(length);

      expect(sha256(text)).toBe(createHash('sha256').update(text).digest('hex'));
    }
  });

  it('hashes the UTF-8 bytes of a text', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(sha256(text)).toBe(createHash('sha256').update(text).digest('hex'));
    }));
  });
});
