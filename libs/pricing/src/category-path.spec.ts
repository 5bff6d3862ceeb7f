import { isInAny } from './category-path.ts';

describe('a category path', () => {
  it.each<[category: string | undefined, ancestor: string, isIn: boolean]>([
    ['food/dairy/cheese', 'food/dairy', true], ['food/dairy/cheese', 'food', true], ['food/dairy', 'food/dairy', true], ['food/dairy', 'food/da', false],
    ['food', 'food/dairy', false], ['tea', 'tea', true], ['teapots', 'tea', false], ['food/dairy', '', false], ['/tea', '', false], ['a//b', 'a/', true],
    [undefined, 'tea', false],
  ])('%s lies in %j: %s', (category, ancestor, isIn) => {
    expect(isInAny(new Set(['nothing', ancestor]), category)).toBe(isIn);
  });
});
