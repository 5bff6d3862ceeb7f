import type { Market as MarketDocument, MarketEdit } from '@aisle/contracts';
import { scanned } from '../product/scanned.ts';
import { BareMarket } from '../testing/bare-market.ts';

const GOODS = { name: 'Goods', price: { amount: 100, currency: 'GBP' }, quantity: 10 };
const TAX = {
  pricesInclude: true, level: 'line' as const, target: 'net' as const,
  rates: [{ category: 'standard', rate: '20', from: '2011-01-04' }, { category: 'books', rate: '5', from: '2026-12-01' }],
};
const CODE = { kind: 'gtin' as const, value: '5400000002649' };
const NORMAL = { kind: 'gtin', value: '05400000002649' };

describe('the terms of a market', () => {
  let market: BareMarket;
  const configure = (edit: MarketEdit): MarketDocument => JSON.parse((market.do({ kind: 'configure', edit }) as { json: string }).json) as MarketDocument;

  beforeEach(() => {
    market = new BareMarket();
  });

  it('are shown where there are some, and stay until they are changed or cleared', () => {
    const none = configure({});
    const some = configure({ timeZone: 'Europe/Berlin', labels: [{ pattern: '21.....{NNDDD}', value: 'quantity' }] });
    const same = configure({ rounding: 'half-up', timeZone: 'Europe/Berlin' });
    const cleared = configure({ labels: null });

    expect(Object.keys(none)).toEqual(['id', 'currency', 'rounding', 'thresholds', 'version']);
    expect(some).toMatchObject({ timeZone: 'Europe/Berlin', labels: [{ pattern: '21.....{NNDDD}' }], version: 2 });
    expect(same).toEqual(some);
    expect(cleared).toMatchObject({ timeZone: 'Europe/Berlin', version: 3 });
    expect(cleared.labels).toBeUndefined();
  });

  it('decide the business day on which goods expire', () => {
    market.stock('fish', 3, '2026-11-26');
    const availableAt = (hour: number, timeZone: string): number => {
      configure({ timeZone });
      market.nowMs = Date.UTC(2026, 10, 26, hour);
      const outcome = market.reserve(`${timeZone}-${hour}`, { fish: 1 }) as { outcome: string };
      return outcome.outcome === 'reserved' ? 1 : 0;
    };

    expect([availableAt(10, 'Pacific/Auckland'), availableAt(11, 'Pacific/Auckland')]).toEqual([1, 0]);
    expect([availableAt(23, 'UTC')]).toEqual([1]);
    market.nowMs = Date.UTC(2026, 10, 27, 7);
    configure({ timeZone: 'America/Los_Angeles' });
    expect(market.reserve('late', { fish: 1 })).toMatchObject({ outcome: 'reserved' });
  });

  it('may say taxes once every product has a rate', () => {
    market.do({ kind: 'create', sku: 'tea', product: GOODS });
    market.do({ kind: 'create', sku: 'book', product: { ...GOODS, taxCategory: 'books' } });

    expect(() => configure({ tax: TAX })).toThrow(expect.objectContaining({
      kind: 'rejected', code: 'market.products_untaxed', details: { skus: ['book', 'tea'], day: '2026-11-26' },
    }));
    market.do({ kind: 'change', sku: 'tea', change: { taxCategory: 'standard' } });
    market.do({ kind: 'delete', sku: 'book' });

    expect(configure({ tax: TAX })).toMatchObject({ tax: TAX });
    expect(() => configure({ tax: { ...TAX, rates: TAX.rates.slice(1) } })).toThrow(expect.objectContaining({ code: 'market.products_untaxed' }));
    expect(configure({ tax: null }).tax).toBeUndefined();
  });

  it('with taxes refuse products that have no rate today', () => {
    configure({ tax: TAX });
    const create = (product: object) => market.do({ kind: 'create', sku: 'tea', product: { ...GOODS, ...product } });

    expect(() => create({})).toThrow(expect.objectContaining({ code: 'product.untaxed', details: { sku: 'tea', taxCategory: null, day: '2026-11-26' } }));
    expect(() => create({ taxCategory: 'books' })).toThrow(expect.objectContaining({ code: 'product.untaxed' }));
    expect(create({ taxCategory: 'standard' })).toMatchObject({ version: 1 });
    expect(() => market.do({ kind: 'change', sku: 'tea', change: { taxCategory: null } })).toThrow(expect.objectContaining({ code: 'product.untaxed' }));
    market.pass(5);
    expect(market.do({ kind: 'change', sku: 'tea', change: { taxCategory: 'books' } })).toMatchObject({ version: 2 });
  });
});

describe('the codes of products', () => {
  let market: BareMarket;
  const scan = (code: string, today = '2026-11-26') => scanned(market.state, 'm1', code, today);

  beforeEach(() => {
    market = new BareMarket();
    market.do({ kind: 'configure', edit: { labels: [{ pattern: '21.....{NNDDD}', value: 'quantity' }] } });
    market.do({ kind: 'create', sku: 'oil', product: { ...GOODS, codes: [CODE, NORMAL as typeof CODE, { kind: 'item', value: '12345' }] } });
  });

  it('are shown once each, as 14 digits, and find their product', () => {
    expect(scan('5400000002649')).toMatchObject({ kind: 'gtin', product: { sku: 'oil', codes: [NORMAL, { kind: 'item', value: '12345' }] } });
    expect(scan('(01)05400000002649(10)L7(17)270131')).toMatchObject({ lot: 'L7', expiresOn: '2027-01-31' });
    expect(scan('2112345020006')).toMatchObject({ kind: 'item', quantity: 2 });
  });

  it('with a wrong check digit are refused with the right one', () => {
    expect(() => market.do({ kind: 'change', sku: 'oil', change: { codes: [{ kind: 'gtin', value: '5400000002640' }] } })).toThrow(
      expect.objectContaining({ kind: 'rejected', code: 'barcode.check_digit', details: { code: '5400000002640', checkDigit: 9 } }),
    );
  });

  it('belong to one product of the market, also within one import', () => {
    const lines = ['a', 'b'].map((sku, at) => ({ line: at + 1, sku, ...GOODS, codes: [{ kind: 'plu' as const, value: '4011' }] }));

    expect(market.do({ kind: 'import', lines })).toMatchObject({
      created: 1, rejected: [{ line: 2, sku: 'b', code: 'product.code_taken', details: { sku: 'b', code: '4011', owner: 'a' } }],
    });
    expect(() => market.do({ kind: 'create', sku: 'c', product: { ...GOODS, codes: [CODE] } })).toThrow(expect.objectContaining({ kind: 'conflict', code: 'product.code_taken' }));
  });

  it('move to another product once theirs gives them away or is deleted', () => {
    market.do({ kind: 'change', sku: 'oil', change: { codes: [{ kind: 'item', value: '12345' }] } });
    expect(() => scan('5400000002649')).toThrow(expect.objectContaining({ code: 'barcode.unknown' }));
    market.do({ kind: 'create', sku: 'new', product: { ...GOODS, codes: [CODE] } });
    expect(scan('5400000002649').product.sku).toBe('new');

    market.do({ kind: 'delete', sku: 'new' });

    market.do({ kind: 'change', sku: 'oil', change: { codes: [CODE] } });
    expect(scan('5400000002649').product.sku).toBe('oil');
    market.do({ kind: 'change', sku: 'oil', change: { codes: null } });
    expect(market.state.codes.size).toBe(0);
  });

  it('may change hands within one import', () => {
    const lines = [{ line: 1, sku: 'oil', ...GOODS, codes: [] }, { line: 2, sku: 'fresh', ...GOODS, codes: [CODE] }];

    expect(market.do({ kind: 'import', lines })).toMatchObject({ created: 1, updated: 1, rejected: [] });
    expect(scan('5400000002649').product.sku).toBe('fresh');
  });
});
