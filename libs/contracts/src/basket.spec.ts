import { AddItem, Batch, LIMITS, QuoteRequest } from './index.ts';

describe('AddItem', () => {
  it('adds one unit when no quantity is given', () => {
    expect(AddItem.parse({ sku: 'GR1' })).toEqual({ sku: 'GR1', quantity: 1 });
  });

  it.each([0, -1, 1.5, LIMITS.unitsPerRequest * 1_000 + 1, '1', true, [1], null, NaN, Infinity])(
    'refuses a quantity of %p, saying what would be right',
    (quantity) => {
      expect(AddItem.safeParse({ sku: 'GR1', quantity }).error?.issues[0]).toMatchObject({
        path: ['quantity'],
        message: 'must be a whole number from 1 to 9999, or a number of steps if the product has a unit',
      });
    },
  );
});

describe('Batch', () => {
  it('accepts four operations and no other', () => {
    expect(Batch.safeParse([{ op: 'buy', sku: 'GR1' }]).error?.issues[0]?.path).toEqual([0, 'op']);
  });
});

describe('QuoteRequest', () => {
  it('accepts SKUs, SKUs with quantities, or both', () => {
    const items = ['GR1', { sku: 'SR1', quantity: 3 }, { sku: 'CF1' }];

    expect(QuoteRequest.parse({ items }).items).toEqual(['GR1', items[1], { sku: 'CF1', quantity: 1 }]);
  });
});
