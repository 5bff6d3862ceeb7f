import { builtIn } from './built-ins/built-in.ts';
import type { ActiveStrategy, TestCase } from './strategy.ts';

/**
 * The rules of the reference baskets, as the seed's markets have them: GR1 buy one get one free;
 * SR1 three or more at 4.50; CF1 three or more, all at two thirds.
 */
export function referenceRules(): ActiveStrategy[] {
  return [
    builtIn('buy-n-get-m@1', {
      name: 'gr1-buy-one-get-one-free',
      version: '1.0.0',
      title: 'Green tea: buy one, get one free',
      scope: { skus: ['GR1'] },
      params: { buy: 1, free: 1 },
      tests: [
        test('one pays', 'GR1', 1, 311, 311),
        test('three pay for two', 'GR1', 3, 311, 622),
      ],
    }),
    builtIn('bulk-price@1', {
      name: 'sr1-bulk-price',
      version: '1.0.0',
      title: 'Strawberries: three or more at 4.50',
      scope: { skus: ['SR1'] },
      params: { from: 3, unitPriceMinor: 450 },
      tests: [
        test('two at list price', 'SR1', 2, 500, 1000),
        test('three at 4.50', 'SR1', 3, 500, 1350),
      ],
    }),
    builtIn('fraction-from@1', {
      name: 'cf1-two-thirds',
      version: '1.0.0',
      title: 'Coffee: three or more, all at two thirds',
      scope: { skus: ['CF1'] },
      params: { from: 3, numerator: 2, denominator: 3 },
      tests: [
        test('two at list price', 'CF1', 2, 1123, 2246),
        test('three rounded once', 'CF1', 3, 1123, 2246),
      ],
    }),
  ];
}

function test(
  name: string, sku: string, quantity: number, unitPriceMinor: number, netMinor: number,
): TestCase {
  const input = { sku, quantity, unitPriceMinor, netMinor: quantity * unitPriceMinor };
  return { name, input, expect: { netMinor } };
}
