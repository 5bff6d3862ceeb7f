import { by, item, lineBy, strategy } from '../testing/shop.ts';
import type { Item } from '../strategy.ts';

describe('priceLine', () => {
  it('without rules is list price times quantity', () => {
    expect(lineBy([], item(3, 311))).toEqual({
      sku: 'GR1', quantity: 3, unitPriceMinor: 311, grossMinor: 933, adjustments: [], skipped: [],
      netMinor: 933, degraded: false,
    });
  });

  it('keeps the fields of the line that basket rules read', () => {
    const more = { category: 'tea', attributes: { bio: true }, lots: [] };

    expect(lineBy([], item(1, 311, more))).toMatchObject(more);
  });

  it('gives each strategy the price that earlier ones left', () => {
    const seen: [string, number][] = [];
    const spy = (name: string, priority: number) => strategy({ name, priority }, (input) => {
      seen.push([name, input.netMinor]);
      return { adjustments: [{ code: 'spy', amountMinor: -100, message: 'spied' }] };
    });

    const line = lineBy([spy('b', 1), spy('c', 2), spy('a', 1)], item(1, 1000));

    expect(seen).toEqual([['c', 1000], ['a', 900], ['b', 800]]);
    expect(line.adjustments.map((adjustment) => adjustment.strategy)).toEqual(['c', 'a', 'b']);
    expect(line.netMinor).toBe(700);
  });

  it('gives strategies inputs and contexts that cannot be changed', () => {
    const lots = [{ lot: 'L1', quantity: 1, expiresOn: '2026-12-01' }];
    const frozen: unknown[] = [];
    const spy = strategy({ params: { list: [1] } }, (input, ctx) => {
      const parts = [input, input.lots, input.lots?.[0], input.attributes, ctx, ctx.params, ctx.money];
      frozen.push(...parts.map((part) => Object.isFrozen(part)));
      return { adjustments: [] };
    });

    lineBy([spy], item(1, 10, { lots, attributes: { bio: true } }));

    expect(frozen).toEqual(new Array(7).fill(true));
  });

  it('returns lines that cannot be changed, since they are shared', () => {
    const line = lineBy([by(-1)], item(1, 10));

    const parts = [line, line.adjustments, line.adjustments[0], line.skipped];
    expect(parts.map((part) => Object.isFrozen(part))).toEqual([true, true, true, true]);
  });

  it.each<[fact: string, wrong: Record<string, unknown>]>([
    ['no SKU', { sku: '' }],
    ['no quantity', { quantity: 0 }],
    ['a part of a unit', { quantity: 0.5 }],
    ['a price below zero', { unitPriceMinor: -1 }],
    ['a price that is not a number', { unitPriceMinor: NaN }],
    ['a category that is no name', { category: 7 }],
    ['a lot without a date', { lots: [{ lot: 'L1', quantity: 1, expiresOn: 'soon' }] }],
  ])('refuses %s', (_fact, wrong) => {
    expect(() => lineBy([], { ...item(1, 1), ...wrong } as Item)).toThrow(
      expect.objectContaining({ kind: 'invalid', code: 'pricing.input' }),
    );
  });

  it('refuses an amount that no number holds exactly', () => {
    expect(() => lineBy([], item(99_999, Number.MAX_SAFE_INTEGER))).toThrow(
      expect.objectContaining({ kind: 'rejected', code: 'money.too-large' }),
    );
  });
});
