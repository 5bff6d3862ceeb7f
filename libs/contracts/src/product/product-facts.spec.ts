import { z } from 'zod';
import { EXT_BYTES_MAX, Ext } from './ext.ts';
import { ProductCode, codeKey, codeOf, normalCode } from './product-code.ts';
import { productFactChanges, productFacts } from './product-facts.ts';
import { Confirmation, Restriction, ageToConfirm, isConfirmed } from './restriction.ts';

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

describe('a restriction', () => {
  it.each([[{ minAge: 18 }], [{ hours: [{ from: '22:00', until: '02:00', daysOfWeek: [5, 6] }] }], [{ minAge: 16, hours: [{ from: '00:00', until: '24:00' }] }]])('may be %j', (restriction) => {
    expect(Restriction.safeParse(restriction).success).toBe(true);
  });

  it.each([[{}], [{ minAge: 0 }], [{ minAge: 100 }], [{ hours: [] }], [{ hours: [{ from: '24:00', until: '02:00' }] }], [{ hours: [{ from: '08:00', until: '08:00' }] }],
    [{ hours: [{ from: '8:00', until: '20:00' }] }], [{ minAge: 18, birthday: '2000-01-01' }]])('may not be %j', (restriction) => {
    expect(Restriction.safeParse(restriction).success).toBe(false);
  });

  it('asks for the highest age of all products, which a higher confirmation covers', () => {
    expect(ageToConfirm([{ minAge: 16 }, {}, { minAge: 18 }])).toBe(18);
    expect(ageToConfirm([{}, {}])).toBeUndefined();
    expect([16, 18, 21].map((over) => isConfirmed(18, [{ over, by: 'till-3' }]))).toEqual([false, true, true]);
    expect(Confirmation.safeParse({ over: 18, by: 'till-3', birthday: '2000-01-01' }).success).toBe(false);
  });
});

describe('ext', () => {
  it('holds 4 KiB of JSON, counted in UTF-8', () => {
    const ofBytes = (bytes: number) => ({ a: 'é'.repeat((bytes - 8) / 2) });

    expect(Buffer.byteLength(JSON.stringify(ofBytes(EXT_BYTES_MAX)))).toBe(EXT_BYTES_MAX);
    expect([EXT_BYTES_MAX, EXT_BYTES_MAX + 2].map((bytes) => Ext.safeParse(ofBytes(bytes)).success)).toEqual([true, false]);
  });

  it.each([[null], [[]], ['text'], [1], [{ a: '\0' }]])('may not be %j', (value) => {
    expect(Ext.safeParse(value).success).toBe(false);
  });

  it('is refused where it is nested deeper than its bytes could be counted', () => {
    let deep: unknown = {};
    for (let level = 0; level < 200_000; level += 1) deep = { deep };

    expect(Ext.safeParse(deep).error?.issues).toHaveLength(1);
  });

  it('comes back as it came, whatever its keys are', () => {
    const given = JSON.parse('{"__proto__":{"a":1},"constructor":null,"":[1.5,{"b":false}]}') as unknown;

    expect(JSON.stringify(Ext.parse(given))).toBe('{"__proto__":{"a":1},"constructor":null,"":[1.5,{"b":false}]}');
  });
});
