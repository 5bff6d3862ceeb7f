import { FNC1 } from './application-identifier.ts';
import { LabelPattern } from './label-pattern.ts';
import { readCode } from './scan.ts';
import { SCAN_CHARACTERS_MAX } from './scanned-code.ts';
import { checkDigitOf, priceVerifierOf } from './check-digit.ts';

const patterns: LabelPattern[] = [
  { pattern: '21.....{NNDDD}', value: 'quantity' },
  { pattern: '22.....V{NNDD}', value: 'price' },
  { pattern: '23....V{NNNDD}', value: 'price' },
  { pattern: '2.....{NNNDD}', value: 'price' },
];
const context = { patterns, today: '2026-12-01' };

describe('a scanned code', () => {
  it.each<[code: string, scan: object]>([
    ['4011', { kind: 'plu', plu: '4011' }],
    ['94011', { kind: 'plu', plu: '94011' }],
    ['5400000002649', { kind: 'gtin', gtin: '05400000002649' }],
    ['05400000002649', { kind: 'gtin', gtin: '05400000002649' }],
    ['95012346', { kind: 'gtin', gtin: '00000095012346' }],
    ['6291041500213', { kind: 'gtin', gtin: '06291041500213' }],
    ['2112345015002', { kind: 'item', gtin: '02112345015002', item: '12345', quantity: { digits: 1500, decimals: 3 } }],
    ['0100614141000012' + '3101000521', { kind: 'gtin', gtin: '00614141000012', measure: { digits: 521, decimals: 1, unit: 'KGM' } }],
    [']C10100614141000012' + '3101000521', { kind: 'gtin', gtin: '00614141000012', measure: { digits: 521, decimals: 1, unit: 'KGM' } }],
    ['0120611628936004' + '3000000050' + '10LOT0002', { kind: 'gtin', gtin: '20611628936004', count: 50, lot: 'LOT0002' }],
    [`0120611628936004${'3050'}${FNC1}10LOT0002`, { kind: 'gtin', gtin: '20611628936004', count: 50, lot: 'LOT0002' }],
    [`]d2${'0109521234543213'}10ABC123${FNC1}17261231`, { kind: 'gtin', gtin: '09521234543213', lot: 'ABC123', expiresOn: '2026-12-31' }],
    [`${FNC1}0109521234543213${FNC1}17270200`, { kind: 'gtin', gtin: '09521234543213', expiresOn: '2027-02-28' }],
    [']Q30109521234543213' + '17280200', { kind: 'gtin', gtin: '09521234543213', expiresOn: '2028-02-29' }],
    ['0109521234543213' + '15770101' + '16750101', { kind: 'gtin', gtin: '09521234543213', bestBefore: '1977-01-01', sellBy: '2075-01-01' }],
    [`0109521234543213${'7003'}2612311159`, { kind: 'gtin', gtin: '09521234543213', expiresOn: '2026-12-31' }],
    [`0109521234543213${'3922'}499${FNC1}3202000150`, {
      kind: 'gtin', gtin: '09521234543213', price: { digits: 499, decimals: 2 }, measure: { digits: 150, decimals: 2, unit: 'LBR' },
    }],
    ['0109521234543213' + '3932826499', { kind: 'gtin', gtin: '09521234543213', price: { digits: 499, decimals: 2, currencyNumber: '826' } }],
    [`0109521234543213${'240'}anything${FNC1}21S-1`, { kind: 'gtin', gtin: '09521234543213', serial: 'S-1' }],
    ['(01)00614141000012(3101)000521', { kind: 'gtin', gtin: '00614141000012', measure: { digits: 521, decimals: 1, unit: 'KGM' } }],
    ['(10)LOT0002(30)50(01)20611628936004', { kind: 'gtin', gtin: '20611628936004', count: 50, lot: 'LOT0002' }],
    ['/01/09521234543213/10/ABC123?17=261231', { kind: 'gtin', gtin: '09521234543213', lot: 'ABC123', expiresOn: '2026-12-31' }],
    ['https://id.gs1.org/01/09521234543213/10/ABC123?17=261231', { kind: 'gtin', gtin: '09521234543213', lot: 'ABC123', expiresOn: '2026-12-31' }],
    ['HTTPS://shop.example/a/b/gtin/9521234543213/21/x%2Fy?utm=1&3103=001500&linkType=gs1:pip#top', {
      kind: 'gtin', gtin: '09521234543213', serial: 'x/y', measure: { digits: 1500, decimals: 3, unit: 'KGM' },
    }],
    ['https://shop.example/01/09521234543213?30=6&3922=1299', { kind: 'gtin', gtin: '09521234543213', count: 6, price: { digits: 1299, decimals: 2 } }],
  ])('%j is read', (code, scan) => {
    expect(readCode(code, context)).toEqual(scan);
  });

  it.each<[code: string, failure: string, details: object]>([
    ['2340119005006', 'barcode.check_digit', { checkDigit: 7 }],
    ['2101234012507', 'barcode.check_digit', { checkDigit: 5 }],
    ['6291041500210', 'barcode.check_digit', { checkDigit: 3 }],
    ['0109521234543210', 'barcode.check_digit', { checkDigit: 3 }],
    ['/01/09521234543210', 'barcode.check_digit', { checkDigit: 3 }],
    ['', 'barcode.unreadable', {}],
    ['123', 'barcode.unreadable', {}],
    ['123456789', 'barcode.unreadable', {}],
    ['GR1', 'barcode.unreadable', {}],
    ['https://shop.example/tea', 'barcode.unreadable', {}],
    ['/01/09521234543213/99/x', 'barcode.unreadable', {}],
    ['/01/09521234543213/10/%E0%A4%A', 'barcode.unreadable', {}],
    ['/01/09521234543213?17=261331', 'barcode.unreadable', {}],
    ['/01/09521234543213?17=260230', 'barcode.unreadable', {}],
    ['/01/09521234543213/10/A?10=B', 'barcode.unreadable', {}],
    ['/01/09521234543213/10/%00', 'barcode.unreadable', {}],
    [']C13101000521', 'barcode.unreadable', {}],
    ['010952123454321317', 'barcode.unreadable', {}],
    ['0109521234543213XY', 'barcode.unreadable', {}],
    ['(01)0952123454321(10)A', 'barcode.unreadable', {}],
    ['(01)09521234543213(10)', 'barcode.unreadable', {}],
    ['(01)09521234543213)', 'barcode.unreadable', {}],
    [`01095212345${FNC1}43213`, 'barcode.unreadable', {}],
    ['9'.repeat(SCAN_CHARACTERS_MAX + 1), 'barcode.unreadable', {}],
  ])('%j is refused', (code, failure, details) => {
    expect(() => readCode(code, context)).toThrow(expect.objectContaining({ kind: 'rejected', code: failure, details: expect.objectContaining(details) }));
  });

  it('never crashes on any text', () => {
    for (const code of ['/01/', '///', '?', '#', ']C1', FNC1, '01', '(01)', 'https://', '/01/x/10/', '٠١٢٣', '\ud800', '1234٠678']) {
      expect(() => readCode(code, context)).toThrow(expect.objectContaining({ kind: 'rejected' }));
    }
  });
});

describe('a label of the shop', () => {
  const labelled = (body: string) => readCode(`${body}${checkDigitOf(body)}`, context);

  it('has a price with a verifier of four or five digits', () => {
    expect(labelled(`2212345${priceVerifierOf('2875')}2875`)).toMatchObject({ item: '12345', priceMinor: 2875 });
    expect(labelled(`231234${priceVerifierOf('14685')}14685`)).toMatchObject({ item: '1234', priceMinor: 14685 });
  });

  it('with a wrong price verifier is refused, with the right one', () => {
    expect(() => labelled('221234502875')).toThrow(expect.objectContaining({ code: 'barcode.price_verifier', details: expect.objectContaining({ priceVerifier: 9 }) }));
    expect(() => labelled('231234014685')).toThrow(expect.objectContaining({ code: 'barcode.price_verifier', details: expect.objectContaining({ priceVerifier: 6 }) }));
  });

  it('of a UPC-A pattern is read with and without the leading zero of EAN-13', () => {
    const upc = `21234500499${checkDigitOf('21234500499')}`;

    const [short, long] = [readCode(upc, context), readCode(`0${upc}`, context)];

    expect(short).toMatchObject({ kind: 'item', item: '12345', priceMinor: 499 });
    expect(long).toEqual(short);
  });

  it('of eight digits is read by a pattern of seven places', () => {
    const code = `2123045${checkDigitOf('2123045')}`;

    expect(readCode(code, { ...context, patterns: [{ pattern: '2...{NDD}', value: 'price' }] })).toMatchObject({ kind: 'item', item: '123', priceMinor: 45 });
  });

  it('is read by the first pattern that fits', () => {
    const [quantity, price]: LabelPattern[] = [{ pattern: '2......{NNDDD}', value: 'quantity' }, { pattern: '2......{NNNDD}', value: 'price' }];

    expect(readCode('2112345015002', { ...context, patterns: [price!, quantity!] })).toMatchObject({ item: '112345', priceMinor: 1500 });
    expect(readCode('2112345015002', { ...context, patterns: [quantity!, price!] })).toMatchObject({ item: '112345', quantity: { digits: 1500, decimals: 3 } });
  });

  it('without a pattern is a GTIN', () => {
    expect(readCode('2112345015002', { ...context, patterns: [] })).toEqual({ kind: 'gtin', gtin: '02112345015002' });
  });
});

describe('a label pattern', () => {
  it.each(['21.....{NNDDD}', '2.....V{NNDD}', '2...{DDD}', '{NNNNN}21.....'])('may be %s', (pattern) => {
    expect(LabelPattern.safeParse({ pattern, value: 'price' }).success).toBe(true);
  });

  it.each(['', '21', '21.....', '21.....{}', '21.....{DDNNN}', '21......{NNDDD}', '21....VV{NNDD}', '21...V{NNNNDD}', '2100000{NNDDD}', '21.....{NNDDD}{N}', '21....x{NNDDD}'])(
    'may not be %j', (pattern) => {
      expect(LabelPattern.safeParse({ pattern, value: 'price' }).success).toBe(false);
    },
  );
});
