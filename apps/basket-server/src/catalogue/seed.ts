import type { Market, Product } from './catalogue.ts';

/** The three products of the reference rules, in every market. */
const REFERENCE: readonly Product[] = [
  { sku: 'GR1', name: 'Green tea', category: 'tea', unitPriceMinor: 311 },
  { sku: 'SR1', name: 'Strawberries', category: 'fruit', unitPriceMinor: 500 },
  { sku: 'CF1', name: 'Coffee', category: 'coffee', unitPriceMinor: 1_123 },
];

const RANGES = [
  'Organic', 'Own-brand', 'Finest', 'Everyday', 'Local', 'Fair-trade', 'Wholegrain', 'Low-salt',
  'Family-size', 'Single-serve', 'Frozen', 'Chilled', 'Smoked', 'Spiced', 'Unsweetened',
];

const GOODS: readonly (readonly [name: string, category: string, priceMinor: number])[] = [
  ['apples', 'fruit', 185], ['bread', 'bakery', 120], ['butter', 'dairy', 230],
  ['cheddar', 'dairy', 340], ['chickpeas', 'tins', 75], ['eggs', 'dairy', 265],
  ['honey', 'preserves', 390], ['lentils', 'pulses', 145], ['milk', 'dairy', 115],
  ['oats', 'cereals', 160], ['pasta', 'pasta', 95], ['rice', 'rice', 210],
  ['salmon', 'fish', 560], ['soup', 'tins', 135], ['yoghurt', 'dairy', 99],
];

/** The seed's markets: m1, m2 and m3, in GBP, each with the same ids at its own prices. */
export function seedMarkets(): readonly Market[] {
  return ['m1', 'm2', 'm3'].map((id, index) => ({
    id,
    currency: 'GBP',
    products: new Map([...REFERENCE, ...range(index)].map((product) => [product.sku, product])),
  }));
}

function range(market: number): Product[] {
  return RANGES.flatMap((prefix, row) =>
    GOODS.map(([name, category, priceMinor], column) => ({
      sku: `P${String(row * GOODS.length + column + 1).padStart(4, '0')}`,
      name: `${prefix} ${name}`,
      category,
      // Ranges differ in price, and so do markets, by a few per cent; the pennies are deterministic.
      unitPriceMinor: priceMinor + row * 7 + market * 3,
    })),
  );
}
