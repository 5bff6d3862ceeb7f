import type { DocumentReply, ImportReply, Product } from '@aisle/contracts';
import { BareMarket, body } from '../testing/bare-market.ts';

describe('a market', () => {
  it('is created by its first product, in the default currency', () => {
    const market = new BareMarket();

    expect(market.do({ kind: 'create', sku: 'tea', product: body('Tea') })).toMatchObject({ created: true, version: 1 });
    expect(market.state.settings).toMatchObject({ currency: 'GBP', lowStock: 2 });
  });

  it('is created by its configuration, and answers a repetition alike', () => {
    const market = new BareMarket();

    const made = market.do({ kind: 'configure', edit: { currency: 'EUR', thresholds: { lowStock: 7 } } }) as DocumentReply;
    const again = market.do({ kind: 'configure', edit: { currency: 'EUR' } }) as DocumentReply;

    expect(made).toMatchObject({ created: true, version: 1 });
    expect(again).toEqual({ json: made.json, version: 1 });
    expect(JSON.parse(made.json)).toEqual({
      id: 'm1', currency: 'EUR', rounding: 'half-up', thresholds: { lowStock: 7, nearExpiryDays: 3 }, version: 1,
    });
    expect(market.events).toHaveLength(1);
  });

  it.each([
    ['change', { kind: 'change', sku: 'tea', change: {} }],
    ['delete', { kind: 'delete', sku: 'tea' }],
    ['adjust', { kind: 'adjust', sku: 'tea', adjustment: { delta: 1, reason: 'x' } }],
    ['release', { kind: 'release', order: { orderId: 'o1', reason: 'timeout' } }],
  ] as const)('is unknown to a %s until then', (_kind, action) => {
    expect(() => new BareMarket().do(action)).toThrow(expect.objectContaining({ kind: 'missing', code: 'market.unknown' }));
  });

  it('keeps its currency once there are products', () => {
    const market = new BareMarket();
    market.stock('tea', 1);

    expect(() => market.do({ kind: 'configure', edit: { currency: 'EUR' } })).toThrow(
      expect.objectContaining({ code: 'market.currency_fixed' }));
    expect(() => market.do({ kind: 'create', product: { ...body('x'), price: { amount: 1, currency: 'EUR' } } })).toThrow(
      expect.objectContaining({ code: 'product.price_foreign', details: { currency: 'EUR', expected: 'GBP' } }));
  });

  it('is changed only at the requested version', () => {
    const market = new BareMarket();
    market.do({ kind: 'configure', edit: {} });

    expect(() => market.do({ kind: 'configure', edit: { rounding: 'down' }, ifMatch: 2 })).toThrow(
      expect.objectContaining({ kind: 'precondition' }));
    expect(market.do({ kind: 'configure', edit: { rounding: 'down' }, ifMatch: 1 })).toMatchObject({ version: 2 });
  });
});

describe('a product', () => {
  let market: BareMarket;

  beforeEach(() => {
    market = new BareMarket();
    market.stock('tea', 10, '2026-12-01');
  });

  it('shows its details, its stock and its first expiry', () => {
    market.adjust('tea', { delta: 5, expiresOn: '2026-11-30' });

    expect(shown(market.do({ kind: 'change', sku: 'tea', change: { description: 'green' } }))).toEqual({
      sku: 'tea', name: 'tea', description: 'green', category: null, price: { amount: 100, currency: 'GBP' },
      quantity: 15, expiresOn: '2026-11-30', version: 3,
    });
  });

  it('gets a SKU if it has none, and the same one for a repeated command', () => {
    const sku = shown(market.do({ kind: 'create', product: body('Milk') })).sku;

    expect(sku).toMatch(/^P-[2-9A-Z]{12}$/);
    expect(market.product(sku).details.name).toBe('Milk');
  });

  it('is created once', () => {
    expect(() => market.do({ kind: 'create', sku: 'tea', product: body('Tea') })).toThrow(
      expect.objectContaining({ kind: 'conflict', code: 'product.exists' }));
  });

  it('is replaced only by a request that names a version', () => {
    const replace = (ifMatch?: number | 'any'): unknown =>
      market.do({ kind: 'replace', sku: 'tea', product: { ...body('Black tea'), price: { amount: 120, currency: 'GBP' } }, ifMatch });

    expect(() => replace()).toThrow(expect.objectContaining({ code: 'precondition.required' }));
    expect(() => replace(7)).toThrow(expect.objectContaining({ code: 'precondition.failed', details: { ifMatch: 7, version: 1 } }));
    expect(replace(1)).toMatchObject({ version: 2 });
    expect(replace('any')).toMatchObject({ version: 2 });
    expect(market.product('tea')).toMatchObject({ onHand: 10, details: { name: 'Black tea', priceMinor: 120 } });
  });

  it('is created by replacing a missing product', () => {
    expect(market.do({ kind: 'replace', sku: 'milk', product: body('Milk') })).toMatchObject({ created: true, version: 1 });
    expect(() => market.do({ kind: 'replace', sku: 'eggs', product: body('Eggs'), ifMatch: 3 })).toThrow(
      expect.objectContaining({ kind: 'precondition' }));
  });

  it('is counted by a quantity, which may not be below the promised units', () => {
    market.reserve('o1', { tea: 4 });
    market.do({ kind: 'change', sku: 'tea', change: { quantity: 6 } });

    expect(market.movements.at(-1)).toMatchObject({ kind: 'adjusted', delta: -4, onHand: 6 });
    expect(() => market.do({ kind: 'change', sku: 'tea', change: { quantity: 3 } })).toThrow(
      expect.objectContaining({ code: 'stock.insufficient', details: { sku: 'tea', onHand: 6, reserved: 4 } }));
  });

  it('gets another date while it is in one lot', () => {
    market.do({ kind: 'change', sku: 'tea', change: { expiresOn: '2027-01-31' } });
    expect(market.product('tea').lots).toEqual([{ lot: '2027-01-31', expiresOn: '2027-01-31', quantity: 10, warned: false }]);

    market.adjust('tea', { delta: 1, expiresOn: '2027-02-28' });

    expect(() => market.do({ kind: 'change', sku: 'tea', change: { expiresOn: '2027-03-31' } })).toThrow(
      expect.objectContaining({ code: 'product.lots_several' }));
  });

  it('is not sold after its deletion, but promised units may leave', () => {
    market.promise('o1', { tea: 4 });
    market.do({ kind: 'delete', sku: 'tea', ifMatch: 1 });

    expect(market.reserve('o2', { tea: 1 })).toMatchObject({ reason: 'out_of_stock' });
    expect(() => market.adjust('tea', { delta: 1 })).toThrow(expect.objectContaining({ code: 'product.missing' }));
    expect(market.do({ kind: 'fulfil', order: { orderId: 'o1' } })).toEqual({ standing: 'fulfilled' });
    expect(market.product('tea')).toMatchObject({ onHand: 0, reserved: 0, lots: [] });
  });
});

describe('an adjustment', () => {
  let market: BareMarket;

  beforeEach(() => {
    market = new BareMarket();
    market.stock('tea', 10);
  });

  it('changes the units on hand, for a reason', () => {
    expect(market.adjust('tea', { delta: -3, reason: 'broken', kind: 'written_off' })).toMatchObject({ version: 2 });
    expect(market.movements.at(-1)).toMatchObject({ kind: 'written_off', delta: -3, onHand: 7, reason: 'broken', lot: 'undated' });
  });

  it('is a delivery if units come with a lot or a date', () => {
    market.adjust('tea', { delta: 5, lot: 'pallet 7' });

    expect(market.movements.at(-1)).toMatchObject({ kind: 'received', lot: 'pallet 7' });
  });

  it('is refused if the quantity is not the expected one', () => {
    expect(() => market.adjust('tea', { delta: 1, expectedQuantity: 9 })).toThrow(
      expect.objectContaining({ kind: 'conflict', code: 'stock.quantity_changed', details: { sku: 'tea', expectedQuantity: 9, quantity: 10 } }));
    expect(market.adjust('tea', { delta: 1, expectedQuantity: 10 })).toMatchObject({ version: 2 });
  });

  it('takes no units that are promised to an order', () => {
    market.reserve('o1', { tea: 8 });

    expect(() => market.adjust('tea', { delta: -3 })).toThrow(expect.objectContaining({ code: 'stock.insufficient' }));
    expect(market.adjust('tea', { delta: -2 })).toMatchObject({ version: 2 });
  });

  it.each([
    ['an unknown lot', { delta: -1, lot: 'x' }, 'stock.lot_missing'],
    ['a lot of another date', { delta: 1, lot: 'undated', expiresOn: '2026-12-01' }, 'stock.lot_dated'],
    ['more units than a product may have', { delta: 1_000_000_000 }, 'stock.too_much'],
  ])('is refused for %s', (_what, adjustment, code) => {
    expect(() => market.adjust('tea', adjustment)).toThrow(expect.objectContaining({ code }));
  });
});

describe('time', () => {
  let market: BareMarket;
  const age = (): unknown => market.do({ kind: 'age', lots: market.product('salmon').lots.map(({ lot }) => ({ sku: 'salmon', lot })) });

  beforeEach(() => {
    market = new BareMarket();
    market.stock('salmon', 10, '2026-12-02');
  });

  it('warns once that a lot is near expiry', () => {
    expect(age).toThrow(expect.objectContaining({ code: 'stock.nothing_due' }));
    market.pass(3);

    age();

    expect(market.signals).toEqual(['LotNearExpiry']);
    expect(age).toThrow(expect.objectContaining({ code: 'stock.nothing_due' }));
  });

  it('writes off expired units, except promised ones', () => {
    market.reserve('o1', { salmon: 4 });
    market.do({ kind: 'commit', order: { orderId: 'o1' } });
    market.pass(7);

    age();

    expect(market.movements.at(-1)).toMatchObject({ kind: 'written_off', delta: -6, onHand: 4, reason: 'expired' });
    market.do({ kind: 'release', order: { orderId: 'o1', reason: 'cancelled' } });
    age();
    expect(market.product('salmon')).toMatchObject({ onHand: 0, lots: [] });
  });

  it('lets units leave on the last day of their lot', () => {
    market.pass(6);

    expect(market.today).toBe('2026-12-02');
    expect(market.reserve('o1', { salmon: 10 })).toMatchObject({ outcome: 'reserved' });
  });

  it('reports low stock once', () => {
    market.reserve('o1', { salmon: 7 });
    expect(market.signals).toEqual([]);

    market.reserve('o2', { salmon: 1 });
    market.reserve('o3', { salmon: 1 });

    expect(market.signals).toEqual(['StockLow']);
    expect(market.events.flatMap(({ signals = [] }) => signals)).toEqual([
      { type: 'StockLow', data: { market: 'm1', sku: 'salmon', available: 2, threshold: 2 } },
    ]);
  });
});

describe('an import', () => {
  it('handles each line alone, and reports the result', () => {
    const market = new BareMarket();
    market.stock('tea', 10);
    market.reserve('o1', { tea: 5 });
    const lines = [
      { line: 1, sku: 'milk', ...body('Milk'), quantity: 3, expiresOn: '2026-12-01' },
      { line: 2, sku: 'tea', ...body('tea'), quantity: 10 },
      { line: 3, sku: 'tea', ...body('Green tea') },
      { line: 4, sku: 'tea', ...body('tea'), quantity: 1 },
      { line: 5, ...body('Eggs'), price: { amount: 1, currency: 'EUR' } },
      { line: 6, ...body('Eggs') },
    ];

    const reply = market.do({ kind: 'import', lines }) as ImportReply;

    expect(reply).toMatchObject({ created: 2, updated: 1, unchanged: 1 });
    expect(reply.rejected.map(({ line, code }) => [line, code])).toEqual([[4, 'stock.insufficient'], [5, 'product.price_foreign']]);
    expect(market.product('milk')).toMatchObject({ onHand: 3, version: 1 });
    expect(market.movements.at(-1)).toMatchObject({ sku: 'milk', kind: 'initial' });
  });

  it('changes nothing when it is repeated', () => {
    const market = new BareMarket();
    const lines = Array.from({ length: 10 }, (_, n) => ({ line: n + 1, sku: `p${n}`, ...body(`p${n}`), quantity: n }));
    market.do({ kind: 'import', lines });
    const { revision } = market.state;

    expect(market.do({ kind: 'import', lines })).toEqual({ created: 0, updated: 0, unchanged: 10, rejected: [] });
    expect(market.state.revision).toBe(revision);
  });
});

function shown(outcome: unknown): Product {
  return JSON.parse((outcome as DocumentReply).json) as Product;
}
