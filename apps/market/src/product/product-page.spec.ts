import fc from 'fast-check';
import { BareMarket, body } from '../testing/bare-market.ts';
import { productPage } from './product-page.ts';

describe('a page of products', () => {
  it('has the products for sale by SKU, whatever the order of their creation', () => {
    const market = marketWith(['tea', 'apple', 'milk', 'bread']);
    market.do({ kind: 'delete', sku: 'bread' });

    const first = productPage(market.state, 'm1', { limit: 2 });
    const second = productPage(market.state, 'm1', { limit: 2, cursor: first.next! });

    expect([...first.items, ...second.items].map(({ sku }) => sku)).toEqual(['apple', 'milk', 'tea']);
    expect(second.next).toBeNull();
    expect(first.items[0]).toEqual({
      sku: 'apple', name: 'apple', description: null, category: 'a', price: { amount: 100, currency: 'GBP' }, quantity: 0, expiresOn: null, version: 1,
    });
  });

  it('has the products of one category only, if the reader names it', () => {
    const market = marketWith(['apple', 'avocado', 'milk']);

    expect(productPage(market.state, 'm1', { limit: 5, category: 'a' }).items).toMatchObject([{ sku: 'apple' }, { sku: 'avocado' }]);
  });

  it('goes on after a product that was deleted since', () => {
    const market = marketWith(['apple', 'bread', 'milk']);
    const { next } = productPage(market.state, 'm1', { limit: 2 });

    market.do({ kind: 'delete', sku: 'bread' });

    expect(productPage(market.state, 'm1', { limit: 2, cursor: next! }).items).toMatchObject([{ sku: 'milk' }]);
  });

  it('is refused of an unknown market, and with a cursor of nobody', () => {
    const { state } = new BareMarket();

    expect(() => productPage(state, 'm1', { limit: 5 })).toThrow(expect.objectContaining({ code: 'market.unknown' }));
    expect(() => productPage(marketWith(['tea']).state, 'm1', { limit: 5, cursor: 'nonsense' })).toThrow(
      expect.objectContaining({ code: 'page.cursor_invalid' }));
  });

  it('follows the pages before it, without a gap or a repetition', () => {
    const sku = fc.string({ minLength: 1, maxLength: 3, unit: fc.constantFrom('a', 'B', '1', '-', 'é') });
    fc.assert(fc.property(fc.uniqueArray(sku, { minLength: 1, maxLength: 20 }), fc.integer({ min: 1, max: 5 }), (skus, limit) => {
      const market = marketWith(skus);
      const seen: string[] = [];
      for (let cursor: string | null | undefined; cursor !== null;) {
        const page = productPage(market.state, 'm1', { limit, cursor });
        seen.push(...page.items.map((item) => item.sku));
        cursor = page.next;
      }

      expect(seen).toEqual(skus.toSorted());
    }));
  });
});

function marketWith(skus: readonly string[]): BareMarket {
  const market = new BareMarket();
  for (const sku of skus) market.do({ kind: 'create', sku, product: { ...body(sku), category: sku[0]! } });
  return market;
}
