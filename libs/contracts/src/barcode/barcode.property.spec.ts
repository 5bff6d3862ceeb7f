import { DigitalLink } from 'digital-link.js';
import fc from 'fast-check';
import { parseBarcode } from 'gs1-barcode-parser-mod';
import { isValid } from 'gtin';
import { FNC1 } from './application-identifier.ts';
import { BarcodeFailure } from './barcode-failures.ts';
import { checkDigitOf } from './check-digit.ts';
import { readElementString } from './element-string.ts';
import { gtinOf } from './gtin.ts';
import { readCode } from './scan.ts';

const context = { patterns: [], today: '2026-12-01' };
const digits = (length: number) => fc.array(fc.integer({ min: 0, max: 9 }), { minLength: length, maxLength: length }).map((list) => list.join(''));
const gtin = digits(13).map((body) => `${body}${checkDigitOf(body)}`);
const lot = fc.stringMatching(/^[A-Z0-9][A-Z0-9-]{0,18}$/);
const date = fc.date({ min: new Date('2000-01-01T00:00:00Z'), max: new Date('2049-12-31T00:00:00Z'), noInvalidDate: true })
  .map((day) => day.toISOString().slice(0, 10));
const six = (iso: string) => iso.slice(2).replaceAll('-', '');

describe('a GTIN', () => {
  it('is valid exactly when the package gtin says so', () => {
    fc.assert(fc.property(fc.constantFrom(8, 12, 13, 14).chain(digits), (code) => {
      expect(isTaken(code)).toBe(isValid(code));
    }), { numRuns: 1_000 });
  });

  it('is valid with the digit that its refusal names', () => {
    fc.assert(fc.property(fc.constantFrom(7, 11, 12, 13).chain(digits), (body) => {
      const code = `${body}${checkDigitOf(body)}`;

      expect(isValid(code)).toBe(true);
      expect(gtinOf(code)).toBe(code.padStart(14, '0'));
    }));
  });

  function isTaken(code: string): boolean {
    try {
      return gtinOf(code).endsWith(code);
    } catch (error) {
      if (BarcodeFailure.checkDigit.is(error)) return false;
      throw error;
    }
  }
});

describe('an element string', () => {
  const element = fc.oneof(
    lot.map((value) => ['10', value]), date.map((iso) => ['17', six(iso)]), date.map((iso) => ['15', six(iso)]),
    fc.tuple(fc.integer({ min: 0, max: 3 }), digits(6)).map(([n, value]) => [`310${n}`, value]),
    fc.integer({ min: 0, max: 99_999_999 }).map((count) => ['30', String(count)]), lot.map((value) => ['21', value]),
    fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 1, max: 99_999 })).map(([n, price]) => [`392${n}`, String(price)]),
  ) as fc.Arbitrary<[ai: string, value: string]>;

  it('has the elements that gs1-barcode-parser-mod finds, in any order', () => {
    fc.assert(fc.property(gtin, fc.uniqueArray(element, { maxLength: 6, selector: ([ai]) => ai.slice(0, 3) }), (code, others) => {
      const elements: [string, string][] = [['01', code], ...others];
      const parts = elements.map(([ai, value], index) => `${ai}${value}${/^(10|21|30|392)/.test(ai) && index < elements.length - 1 ? FNC1 : ''}`);
      const text = parts.join('');

      const found = readElementString(`]C1${text}`);

      expect(found).toEqual(elements.map(([ai, value]) => ({ ai, value })));
      expect(parseBarcode(`]C1${text}`).parsedCodeItems.map(({ ai, raw }) => ({ ai, value: raw }))).toEqual(found);
    }), { numRuns: 500 });
  });
});

describe('a Digital Link', () => {
  it('of digital-link.js gives back its parts', () => {
    fc.assert(fc.property(gtin, fc.option(lot), date, digits(6), fc.integer({ min: 0, max: 5 }), (code, ofLot, expiry, weight, decimals) => {
      const link = DigitalLink({
        domain: 'https://shop.example/some/stem', identifier: { '01': code }, keyQualifiers: ofLot === null ? {} : { 10: ofLot },
        keyQualifiersOrder: ['10'], attributes: { 17: six(expiry), [`310${decimals}`]: weight },
      });

      const scan = readCode(link.toWebUriString(), context);

      expect(scan).toEqual({
        kind: 'gtin', gtin: code, ...(ofLot !== null && { lot: ofLot }), expiresOn: expiry, measure: { digits: Number(weight), decimals, unit: 'KGM' },
      });
    }), { numRuns: 300 });
  });
});

describe('any text', () => {
  it('is read or refused, and never crashes', () => {
    const piece = fc.oneof(fc.string(), fc.constantFrom('01', '10', '17', FNC1, ']C1', '/01/', 'https://x', '?', '%', '09521234543213', '4011'));
    fc.assert(fc.property(fc.array(piece, { maxLength: 6 }).map((parts) => parts.join('')), (text) => {
      try {
        expect(['gtin', 'item', 'plu']).toContain(readCode(text, context).kind);
      } catch (error) {
        expect(error).toMatchObject({ kind: 'rejected', code: expect.stringMatching(/^barcode\./) });
      }
    }), { numRuns: 2_000 });
  });
});
