import { coversCategory, isInCategory } from './category-path.ts';

describe('a category path', () => {
  it.each([
    ['food/dairy/cheese', 'food/dairy', true], ['food/dairy', 'food/dairy', true], ['food/dairy', 'food/da', false], ['food', 'food/dairy', false],
    ['tea', 'tea', true], ['teapots', 'tea', false], ['food/dairy', '', false],
  ])('%s lies in %j: %s', (category, ancestor, isIn) => {
    expect(isInCategory(category, ancestor)).toBe(isIn);
  });
});

describe('a scope of categories', () => {
  it.each<[fact: string, scope: Parameters<typeof coversCategory>[0], category: string | undefined, covers: boolean]>([
    ['without parts covers all', {}, undefined, true],
    ['covers by prefix', { categories: ['food'] }, 'food/dairy', true],
    ['covers no product without category', { categories: ['food'] }, undefined, false],
    ['leaves excluded branches out', { categories: ['food'], excludedCategories: ['food/dairy'] }, 'food/dairy/cheese', false],
    ['keeps the neighbours of an excluded branch', { categories: ['food'], excludedCategories: ['food/dairy'] }, 'food/bread', true],
    ['may only exclude', { excludedCategories: ['tobacco'] }, undefined, true],
    ['leaves excluded products out', { excludedSkus: ['A'] }, 'food', false],
  ])('%s', (_fact, scope, category, covers) => {
    expect(coversCategory(scope, { sku: 'A', category })).toBe(covers);
  });
});
