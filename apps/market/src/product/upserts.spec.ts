import type { Action } from '../market/command.ts';
import { BareMarket } from '../testing/bare-market.ts';

describe('a change of an existing product', () => {
  const full = { description: 'green', category: 'tea', quantity: 10, expiresOn: '2026-12-01' };
  const ways: readonly [way: string, say: (more: object) => Action][] = [
    ['PUT', (more) => ({ kind: 'replace', sku: 'tea', product: { ...words('tea'), ...more }, ifMatch: 'any' })],
    ['PATCH', (more) => ({ kind: 'change', sku: 'tea', change: { ...words('tea'), ...more } })],
    ['an import', (more) => ({ kind: 'import', lines: [{ line: 1, sku: 'tea', ...words('tea'), ...more }] })],
  ];
  let market: BareMarket;
  const seen = (): object => {
    const { details: { description, category, priceMinor }, onHand, lots } = market.product('tea');
    return { description, category, priceMinor, quantity: onHand, expiresOn: lots[0]?.expiresOn };
  };

  beforeEach(() => {
    market = new BareMarket();
    market.do({ kind: 'create', sku: 'tea', product: { ...words('tea'), ...full } });
  });

  it.each(ways)('by %s keeps omitted fields', (_way, say) => {
    market.do(say({ price: { amount: 120, currency: 'GBP' } }));

    expect(seen()).toEqual({ ...full, priceMinor: 120 });
    expect(market.product('tea').version).toBe(2);
  });

  it.each(ways)('by %s clears fields that are null', (_way, say) => {
    market.do(say({ description: null, category: null, expiresOn: null, quantity: 0 }));

    expect(seen()).toEqual({ description: null, category: null, priceMinor: 100, quantity: 0, expiresOn: undefined });
  });

  it.each([
    ['all present values', full], ['no optional fields', {}], ['some of the present values', { category: 'tea' }],
  ])('is unchanged by an import with %s', (_what, more) => {
    const { revision } = market.state;

    expect(market.do({ kind: 'import', lines: [{ line: 1, sku: 'tea', ...words('tea'), ...more }] })).toEqual({
      created: 0, updated: 0, unchanged: 1, rejected: [],
    });
    expect(market.state.revision).toBe(revision);
  });

  function words(name: string): { name: string; price: { amount: number; currency: string } } {
    return { name, price: { amount: 100, currency: 'GBP' } };
  }
});
