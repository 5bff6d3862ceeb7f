import { FNC1 } from './application-identifier.ts';
import { checkDigitOf } from './check-digit.ts';
import { scannedGoods, type CodedShelf } from './scanned-goods.ts';
import type { Unit } from '../product/unit.ts';

interface Product {
  readonly sku: string;
  readonly unit?: Unit;
}

const KG: Unit = { code: 'KGM', scale: 3 };
const PRODUCTS: Readonly<Record<string, Product>> = {
  'plu:4011': { sku: 'BANANA', unit: KG },
  'item:12345': { sku: 'HAM', unit: KG },
  'item:54321': { sku: 'ROLLS' },
  'gtin:00614141000012': { sku: 'BEEF', unit: KG },
  'gtin:09521234543213': { sku: 'MILK' },
  'gtin:20611628936004': { sku: 'BOX' },
  'gtin:05400000002649': { sku: 'OIL', unit: { code: 'LTR', scale: 1 } },
};
const shelf: CodedShelf<Product> = {
  labels: [{ pattern: '21.....{NNDDD}', value: 'quantity' }, { pattern: '22.....{NNNNN}', value: 'price' }], today: '2026-12-01',
  productOf: (key) => PRODUCTS[key],
};
const label = (digits: string): string => `${digits}${checkDigitOf(digits)}`;

describe('scanned goods', () => {
  it.each<[code: string, sku: string, quantity: number | undefined]>([
    ['4011', 'BANANA', undefined],
    ['2112345015002', 'HAM', 1_500],
    [label('215432102000'), 'ROLLS', 2],
    ['9521234543213', 'MILK', undefined],
    ['5400000002649', 'OIL', undefined],
    ['01006141410000123101000521', 'BEEF', 52_100],
    [`0120611628936004${'3000000050'}${FNC1}10LOT0002`, 'BOX', 50],
    ['https://id.gs1.org/01/09521234543213/10/ABC123?17=261231', 'MILK', undefined],
    // The net weight of a piece does not count its pieces.
    ['(01)09521234543213(3103)001000', 'MILK', undefined],
  ])('of %j are %s, in the quantity %j', (code, sku, quantity) => {
    expect(scannedGoods(code, shelf)).toMatchObject({ product: { sku }, ...(quantity === undefined ? {} : { quantity }) });
    expect(scannedGoods(code, shelf).quantity).toBe(quantity);
  });

  it.each<[fact: string, code: string, failure: object]>([
    ['nobody sells', '4012', { code: 'barcode.unknown' }],
    ['have a wrong check digit', '5400000002640', { code: 'barcode.check_digit', details: { checkDigit: 9 } }],
    ['have expired', 'https://id.gs1.org/01/09521234543213?17=261130', { code: 'barcode.expired', details: { sku: 'MILK', lastDay: '2026-11-30' } }],
    ['had to be sold by yesterday', '(01)09521234543213(16)261130(17)261231', { code: 'barcode.expired', details: { lastDay: '2026-11-30' } }],
    ['have a price of their own', label('221234500347'), { code: 'barcode.priced' }],
    ['have a price in GS1 elements', '(01)00614141000012(3922)347', { code: 'barcode.priced' }],
    ['weigh half a gram', '(01)00614141000012(3104)000005', { code: 'barcode.between_steps' }],
    ['weigh nothing', label('211234500000'), { code: 'barcode.between_steps' }],
    ['are pieces and a half', label('215432101500'), { code: 'barcode.between_steps' }],
    ['are litres by weight', '(01)05400000002649(3103)001000', { code: 'barcode.other_measure' }],
    ['are pounds that are no whole grams', '(01)00614141000012(3202)000001', { code: 'barcode.between_steps' }],
  ])('that %s are refused', (_fact, code, failure) => {
    const refusal = thrownBy(() => scannedGoods(code, shelf));

    expect(refusal).toMatchObject({ kind: 'rejected', ...failure });
  });

  it('on their last day may be sold, and after their best-before day as well', () => {
    expect(scannedGoods('(01)09521234543213(17)261201', shelf).product.sku).toBe('MILK');
    expect(scannedGoods('(01)09521234543213(15)261101', shelf).scan).toMatchObject({ bestBefore: '2026-11-01' });
  });
});

function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (thrown) {
    return thrown;
  }
  throw new Error('nothing was thrown');
}
