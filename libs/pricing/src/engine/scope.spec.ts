import { by, item, lineBy } from '../testing/shop.ts';
import type { Item, PricingContext, Scope } from '../strategy.ts';

const tea: Item = item(1, 311, { sku: 'GR1', category: 'tea' });

describe('Scope', () => {
  it.each<[fact: string, scope: Scope, applies: boolean]>([
    ['nothing restricts an empty scope', {}, true],
    ['its market', { markets: ['m2', 'm1'] }, true],
    ['another market', { markets: ['m2'] }, false],
    ['its currency', { currencies: ['GBP'] }, true],
    ['another currency', { currencies: ['EUR'] }, false],
    ['its SKU', { skus: ['GR1'] }, true],
    ['another SKU', { skus: ['SR1'] }, false],
    ['its category', { categories: ['tea'] }, true],
    ['another category', { categories: ['fruit'] }, false],
    ['its SKU in another category', { skus: ['GR1'], categories: ['fruit'] }, false],
    ['a category that only begins alike', { categories: ['te'] }, false],
    ['its SKU is left out', { excludedSkus: ['SR1', 'GR1'] }, false],
    ['another SKU is left out', { skus: ['GR1'], excludedSkus: ['SR1'] }, true],
    ['its category is left out', { skus: ['GR1'], excludedCategories: ['tea'] }, false],
    ['another category is left out', { excludedCategories: ['fruit'] }, true],
    ['its SKU in its market', { skus: ['GR1'], markets: ['m1'] }, true],
  ])('matches products and places: %s', (_fact, scope, applies) => {
    expect(lineBy([by(-1, { scope })], tea).netMinor).toBe(applies ? 310 : 311);
  });

  it.each<[scope: Scope, category: string | undefined, applies: boolean]>([
    [{ categories: ['food'] }, 'food/dairy/cheese', true], [{ categories: ['food/dairy'] }, 'food/dairy/cheese', true], [{ categories: ['food/dairy'] }, 'food', false],
    [{ categories: ['food'], excludedCategories: ['food/dairy'] }, 'food/dairy/cheese', false], [{ categories: ['food'], excludedCategories: ['food/dairy'] }, 'food/bread', true],
    [{ excludedCategories: ['tobacco'] }, undefined, true],
  ])('%j covers the category %s: %s', (scope, category, applies) => {
    expect(lineBy([by(-1, { scope })], item(1, 311, { category })).netMinor).toBe(applies ? 310 : 311);
  });

  it('with categories excludes a product without one', () => {
    const strategy = by(-1, { scope: { categories: ['tea'] } });

    expect(lineBy([strategy], item(1, 311)).netMinor).toBe(311);
  });

  it.each<[fact: string, scope: Scope, now: string, applies: boolean]>([
    ['the instant it begins', { from: '2026-11-21T09:00:00Z' }, '2026-11-21T09:00:00Z', true],
    ['just before', { from: '2026-11-21T09:00:00Z' }, '2026-11-21T08:59:59.999Z', false],
    ['just before it ends', { until: '2026-11-21T09:00:00Z' }, '2026-11-21T08:59:59.999Z', true],
    ['the instant it ends', { until: '2026-11-21T09:00:00Z' }, '2026-11-21T09:00:00Z', false],
    ['instants across offsets', { from: '2026-11-21T10:00:00+01:00' }, '2026-11-21T09:00Z', true],
    ['the day it begins', { from: '2026-11-21' }, '2026-11-21T00:00:00Z', true],
    ['the day before', { from: '2026-11-21' }, '2026-11-20T23:59:59Z', false],
    ['the whole last day', { until: '2026-11-21' }, '2026-11-21T23:59:59Z', true],
    ['the day after', { until: '2026-11-21' }, '2026-11-22T00:00:00Z', false],
    ['the calendar of the market', { from: '2026-11-22' }, '2026-11-22T00:30:00+13:00', true],
    ['its weekday, a Saturday', { daysOfWeek: [6] }, '2026-11-21T12:00:00Z', true],
    ['a Sunday, which is 7', { daysOfWeek: [7] }, '2026-11-22T12:00:00Z', true],
    ['another weekday', { daysOfWeek: [1, 2, 3, 4, 5] }, '2026-11-21T12:00:00Z', false],
    ['the weekday of the market', { daysOfWeek: [7] }, '2026-11-22T00:30:00+13:00', true],
  ])('matches periods: %s', (_fact, scope, now, applies) => {
    const line = lineBy([by(-1, { scope })], tea, on(now));

    expect(line.netMinor).toBe(applies ? 310 : 311);
  });

  it.each([
    'yesterday', '2026-11-21', '2026-11-21T09:00:00', '2026-02-30T09:00:00Z',
    '2026-13-01T09:00:00Z', '2026-11-21T25:00:00Z', '',
  ])('refuses the instant %j', (now) => {
    expect(() => lineBy([], tea, on(now))).toThrow(
      expect.objectContaining({ kind: 'invalid', code: 'pricing.input' }),
    );
  });
});

function on(now: string): PricingContext {
  return { now, market: 'm1', currency: 'GBP' };
}
