import type { DocumentReply, Product } from '@aisle/contracts';
import type { Action } from '../market/command.ts';
import { BareMarket, body } from '../testing/bare-market.ts';

describe('a product that is deleted', () => {
  let market: BareMarket;

  beforeEach(() => {
    market = new BareMarket();
    market.stock('jam', 6, '2026-12-01');
    market.adjust('jam', { delta: 4, expiresOn: '2026-12-24' });
  });

  it('leaves only promised units in the books, those that are good for longest', () => {
    market.promise('o1', { jam: 3 });

    market.do({ kind: 'delete', sku: 'jam' });

    expect(market.product('jam')).toMatchObject({ onHand: 3, reserved: 3, lots: [{ lot: '2026-12-24', quantity: 3 }] });
    expect(market.movements.slice(-2)).toMatchObject([
      { kind: 'written_off', delta: -6, onHand: 4, lot: '2026-12-01', reason: 'product deleted', orderId: null },
      { kind: 'written_off', delta: -1, onHand: 3, lot: '2026-12-24', reason: 'product deleted', orderId: null },
    ]);
  });

  it.each([
    ['cancelled', { kind: 'release', order: { orderId: 'o1', reason: 'cancelled' } }],
    ['timed out', { kind: 'release', order: { orderId: 'o1', reason: 'timeout' } }],
    ['expired', { kind: 'expire', orderIds: ['o1'] }],
  ] as const)('is written off at once when an order of it is %s', (_what, action) => {
    market.reserve('o1', { jam: 3 });
    market.do({ kind: 'delete', sku: 'jam' });
    market.pass(0.01);

    market.do(action);

    expect(market.product('jam')).toMatchObject({ onHand: 0, reserved: 0, lots: [] });
    expect(market.movements.at(-1)).toMatchObject({
      kind: 'written_off', delta: -3, onHand: 0, reserved: 0, reason: 'product deleted', orderId: 'o1',
    });
  });

  it('is created again without its old details, and only with promised units of its stock', () => {
    market.do({ kind: 'change', sku: 'jam', change: { description: 'sweet', category: 'spread' } });
    market.promise('o1', { jam: 3 });
    market.do({ kind: 'delete', sku: 'jam' });

    const again = shown(market.do({ kind: 'create', sku: 'jam', product: body('Jam') }));

    expect(again).toMatchObject({ quantity: 3, description: null, category: null });
    expect(market.reserve('o2', { jam: 1 })).toMatchObject({ reason: 'out_of_stock' });
    expect(market.do({ kind: 'fulfil', order: { orderId: 'o1' } })).toEqual({ standing: 'fulfilled' });
  });

  it.each<[what: string, remake: Action]>([
    ['POST', { kind: 'create', sku: 'jam', product: { ...body('Jam'), quantity: 10, expiresOn: '2027-01-31' } }],
    ['PUT', { kind: 'replace', sku: 'jam', product: { ...body('Jam'), quantity: 10, expiresOn: '2027-01-31' } }],
    ['import', { kind: 'import', lines: [{ line: 1, sku: 'jam', ...body('Jam'), quantity: 10, expiresOn: '2027-01-31' }] }],
  ])('is created again by %s with its own stock beside promised units', (_what, remake) => {
    market.promise('o1', { jam: 3 });
    market.do({ kind: 'delete', sku: 'jam' });

    market.do(remake);

    expect(market.product('jam')).toMatchObject({
      onHand: 10, reserved: 3, lots: [{ lot: '2026-12-24', quantity: 3 }, { lot: '2027-01-31', quantity: 7 }],
    });
    expect(market.movements.at(-1)).toMatchObject({ kind: 'initial', delta: 7, onHand: 10 });
  });

  it('is not created again with fewer units than are promised', () => {
    market.promise('o1', { jam: 3 });
    market.do({ kind: 'delete', sku: 'jam' });

    expect(() => market.do({ kind: 'create', sku: 'jam', product: { ...body('Jam'), quantity: 2 } })).toThrow(
      expect.objectContaining({ code: 'stock.insufficient', details: { sku: 'jam', onHand: 3, reserved: 3 } }));
  });

  it('loses the units that older versions left in the books, by the sweep or when it is created again', () => {
    const ghost = (): void => {
      const product = market.product('jam');
      const details = { ...product.details, deleted: true };
      market.state = { ...market.state, products: market.state.products.set('jam', { ...product, details }) };
    };
    ghost();
    market.age();
    expect(market.product('jam')).toMatchObject({ onHand: 0, lots: [] });

    market.do({ kind: 'create', sku: 'jam', product: { ...body('Jam'), quantity: 5 } });
    ghost();
    market.do({ kind: 'create', sku: 'jam', product: body('Jam') });

    expect(market.product('jam')).toMatchObject({ onHand: 0, lots: [] });
    expect(market.movements.at(-1)).toMatchObject({ kind: 'written_off', delta: -5, reason: 'product deleted' });
  });
});

function shown(outcome: unknown): Product {
  return JSON.parse((outcome as DocumentReply).json) as Product;
}
