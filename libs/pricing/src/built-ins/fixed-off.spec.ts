import { configured, item, lineBy } from '../testing/shop.ts';
import type { Params } from '../testing/shop.ts';

describe('fixed-off', () => {
  it.each<[fact: string, params: Params, quantity: number, net: number]>([
    ['comes off the line once', { amountMinor: 50 }, 3, 850],
    ['comes off the line, said so', { amountMinor: 50, per: 'line' }, 3, 850],
    ['comes off every unit', { amountMinor: 50, per: 'unit' }, 3, 750],
    ['takes the whole line', { amountMinor: 900 }, 3, 0],
    ['stops at zero', { amountMinor: 5000 }, 3, 0],
  ])('%s', (_fact, params, quantity, netMinor) => {
    const line = lineBy([configured('fixed-off@1', params)], item(quantity, 300));

    expect(line.netMinor).toBe(netMinor);
    expect(line.adjustments[0]?.amountMinor).toBe(netMinor - line.grossMinor);
  });
});
