import { LIMITS, NewOrder } from './index.ts';

describe('NewOrder', () => {
  it('orders one unit, all or nothing, by default', () => {
    expect(NewOrder.parse({ market: 'm1', lines: [{ sku: 'GR1' }] })).toEqual({
      market: 'm1', lines: [{ sku: 'GR1', quantity: 1 }], allowPartial: false,
    });
  });

  it.each([
    ['no lines', { market: 'm1', lines: [] }, ['lines']],
    ['too many lines', { market: 'm1', lines: Array(LIMITS.linesPerBasket + 1).fill({ sku: 'GR1' }) }, ['lines']],
    ['no market', { lines: [{ sku: 'GR1' }] }, ['market']],
    ['too many units', { market: 'm1', lines: [{ sku: 'GR1', quantity: LIMITS.unitsPerRequest * 1_000 + 1 }] }, ['lines', 0, 'quantity']],
    ['a price', { market: 'm1', lines: [{ sku: 'GR1', net: 1 }] }, ['lines', 0]],
  ])('refuses %s', (_what, body, path) => {
    expect(NewOrder.safeParse(body).error?.issues[0]?.path).toEqual(path);
  });
});
