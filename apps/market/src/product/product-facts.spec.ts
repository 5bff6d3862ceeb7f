import type { Product as ProductDocument } from '@aisle/contracts';
import type { Action } from '../market/command.ts';
import { stockView } from '../market/market-view.ts';
import { BareMarket } from '../testing/bare-market.ts';

const KG = { code: 'KGM', scale: 3 } as const;
const HAM = { name: 'Ham', price: { amount: 1_299, currency: 'GBP' }, quantity: 20_000 };

describe('a product with a unit', () => {
  const ways: readonly [way: string, say: (more: object) => Action][] = [
    ['PUT', (more) => ({ kind: 'replace', sku: 'ham', product: { ...HAM, ...more }, ifMatch: 'any' })],
    ['PATCH', (more) => ({ kind: 'change', sku: 'ham', change: { ...HAM, ...more } })],
    ['an import', (more) => ({ kind: 'import', lines: [{ line: 1, sku: 'ham', ...HAM, ...more }] })],
  ];
  let market: BareMarket;
  const documentOf = (action: Action): ProductDocument => JSON.parse((market.do(action) as { json: string }).json) as ProductDocument;

  beforeEach(() => {
    market = new BareMarket();
  });

  it('shows it, with quantities in its steps', () => {
    const made = documentOf({ kind: 'create', sku: 'ham', product: { ...HAM, unit: KG } });

    expect(made).toMatchObject({ unit: KG, quantity: 20_000, price: HAM.price });
    expect(stockView(market.product('ham'), '2026-12-01')).toMatchObject({ unit: KG, onHand: 20_000, available: 20_000 });
  });

  it('does not show one that it has not', () => {
    const made = documentOf({ kind: 'create', sku: 'tea', product: HAM });

    expect(Object.keys(made)).toEqual(['sku', 'name', 'description', 'category', 'price', 'quantity', 'expiresOn', 'version']);
    expect(Object.keys(stockView(market.product('tea'), '2026-12-01'))).toEqual(['sku', 'onHand', 'reserved', 'available', 'lots', 'version']);
  });

  it.each(ways)('keeps it when %s does not say it, or says it again', (_way, say) => {
    market.do({ kind: 'create', sku: 'ham', product: { ...HAM, unit: KG } });
    const { version } = market.product('ham');

    market.do(say({}));
    market.do(say({ unit: KG }));

    expect(market.product('ham')).toMatchObject({ version, details: { facts: { unit: KG } } });
  });

  it.each(ways.slice(0, 2).flatMap(([way, say]) => [{ code: 'KGM', scale: 2 }, { code: 'LBR', scale: 3 }, null].map((unit) => [way, unit, say] as const)))(
    'never gets another one by %s: %j', (_way, unit, say) => {
      market.do({ kind: 'create', sku: 'ham', product: { ...HAM, unit: KG } });

      expect(() => market.do(say({ unit }))).toThrow(expect.objectContaining({ kind: 'conflict', code: 'product.unit_fixed', details: { sku: 'ham', unit: KG } }));
    },
  );

  it('that was sold by the piece gets none', () => {
    market.do({ kind: 'create', sku: 'ham', product: HAM });

    expect(market.do({ kind: 'import', lines: [{ line: 7, sku: 'ham', ...HAM, unit: KG }] })).toMatchObject({
      rejected: [{ line: 7, code: 'product.unit_fixed', details: { sku: 'ham', unit: null } }],
    });
  });

  it('keeps it when it is deleted and created again', () => {
    market.do({ kind: 'create', sku: 'ham', product: { ...HAM, unit: KG } });
    market.do({ kind: 'delete', sku: 'ham' });

    expect(() => market.do({ kind: 'create', sku: 'ham', product: { ...HAM, unit: { code: 'C62', scale: 0 } } })).toThrow(
      expect.objectContaining({ code: 'product.unit_fixed' }),
    );
    expect(documentOf({ kind: 'create', sku: 'ham', product: HAM })).toMatchObject({ unit: KG });
  });

  it('is low at the threshold in whole units', () => {
    market.do({ kind: 'create', sku: 'ham', product: { ...HAM, unit: KG } });

    market.adjust('ham', { delta: -17_000 });
    expect(market.signals).toEqual([]);
    market.adjust('ham', { delta: -1_000 });

    expect(market.signalsOf('StockLow')).toEqual([{ market: 'm1', sku: 'ham', available: 2_000, threshold: 2_000 }]);
  });
});
