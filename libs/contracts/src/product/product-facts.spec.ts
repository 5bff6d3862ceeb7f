import { z } from 'zod';
import { ProductCode, codeKey, codeOf, normalCode } from './product-code.ts';
import { productFactChanges, productFacts } from './product-facts.ts';

const Facts = z.strictObject(productFacts);
const Changes = z.strictObject(productFactChanges);

describe('the facts of a product', () => {
  it('may all be absent', () => {
    expect(Facts.parse({})).toEqual({});
    expect(Changes.parse({})).toEqual({});
  });

  it('are all taken together, and cleared by null in a change alone', () => {
    const facts = {
      unit: { code: 'LBR', scale: 2 }, codes: [{ kind: 'plu', value: '4011' }, { kind: 'gtin', value: '5400000002649' }], taxCategory: 'reduced',
    };
    const cleared = Object.fromEntries(Object.keys(facts).map((name) => [name, null]));

    expect(Facts.parse(facts)).toEqual(facts);
    expect(Changes.parse(cleared)).toEqual(cleared);
    expect(Facts.safeParse({ unit: null }).success).toBe(false);
  });

  it.each([[{ weight: 1 }], [{ codes: ['5400000002649'] }], [{ unit: { code: 'KGM' } }], [{ unit: { code: 'KGM', scale: 4 } }], [{ unit: { code: 'stone', scale: 0 } }]])(
    'refuse %j', (facts) => {
      expect(Facts.safeParse(facts).success).toBe(false);
    },
  );
});

describe('a code of a product', () => {
  it('is one, in whatever form its GTIN is given', () => {
    const keys = ['5400000002649', '05400000002649'].map((value) => codeKey(normalCode({ kind: 'gtin', value })));

    expect(new Set(keys)).toEqual(new Set(['gtin:05400000002649']));
  });

  it('with a wrong check digit is refused, with the right one', () => {
    expect(() => normalCode({ kind: 'gtin', value: '5400000002640' }))
      .toThrow(expect.objectContaining({ kind: 'rejected', code: 'barcode.check_digit', details: { code: '5400000002640', checkDigit: 9 } }));
  });

  it('is found by its scan', () => {
    expect([
      codeOf({ kind: 'plu', plu: '4011' }), codeOf({ kind: 'item', gtin: '02112345015002', item: '12345' }), codeOf({ kind: 'gtin', gtin: '05400000002649' }),
    ].map(codeKey)).toEqual(['plu:4011', 'item:12345', 'gtin:05400000002649']);
  });

  it.each([[{ kind: 'gtin', value: '4011' }], [{ kind: 'plu', value: '5400000002649' }], [{ kind: 'ean', value: '5400000002649' }], [{ kind: 'gtin', value: '540000000264x' }]])(
    'may not be %j', (code) => {
      expect(ProductCode.safeParse(code).success).toBe(false);
    },
  );
});
