import { builtIn } from './built-ins/built-in.ts';
import type { BuiltInConfig, BuiltInName } from './built-ins/built-in.ts';
import type { ActiveStrategy, TestCase } from './strategy.ts';

/** A built-in with its configuration. */
export interface ReferenceSetup extends BuiltInConfig {
  readonly use: BuiltInName;
}

// Version 1.0.0 applied in every market and currency.
const VERSION = '1.1.0';
/** The seed's markets. */
const MARKETS = { markets: ['m1', 'm2', 'm3'], currencies: ['GBP'] };

/**
 * The rules of the reference baskets, for the seed's markets alone: GR1 buy one get one free; SR1 three or more at
 * 4.50; CF1 three or more, all at two thirds. A system has them only if its seed puts them into its strategy store.
 */
export function referenceSetups(): ReferenceSetup[] {
  return [
    {
      use: 'buy-n-get-m@1',
      name: 'gr1-buy-one-get-one-free',
      version: VERSION,
      title: 'Green tea: buy one, get one free',
      scope: { ...MARKETS, skus: ['GR1'] },
      params: { buy: 1, free: 1 },
      tests: [
        test('one pays', 'GR1', 1, 311, 311),
        test('three pay for two', 'GR1', 3, 311, 622),
      ],
    },
    {
      use: 'bulk-price@1',
      name: 'sr1-bulk-price',
      version: VERSION,
      title: 'Strawberries: three or more at 4.50',
      scope: { ...MARKETS, skus: ['SR1'] },
      params: { from: 3, unitPriceMinor: 450 },
      tests: [
        test('two at list price', 'SR1', 2, 500, 1000),
        test('three at 4.50', 'SR1', 3, 500, 1350),
      ],
    },
    {
      use: 'fraction-from@1',
      name: 'cf1-two-thirds',
      version: VERSION,
      title: 'Coffee: three or more, all at two thirds',
      scope: { ...MARKETS, skus: ['CF1'] },
      params: { from: 3, numerator: 2, denominator: 3 },
      tests: [
        test('two at list price', 'CF1', 2, 1123, 2246),
        test('three rounded once', 'CF1', 3, 1123, 2246),
      ],
    },
  ];
}

/** The same rules as strategies for a rule set. */
export function referenceRules(): ActiveStrategy[] {
  return referenceSetups().map(({ use, ...config }) => builtIn(use, config));
}

function test(
  name: string, sku: string, quantity: number, unitPriceMinor: number, netMinor: number,
): TestCase {
  const input = { sku, quantity, unitPriceMinor, netMinor: quantity * unitPriceMinor };
  return { name, input, expect: { netMinor } };
}
