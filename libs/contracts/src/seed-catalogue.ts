/** A product of the seed, with its price in minor units of its market's currency. */
export interface SeedProduct {
  readonly sku: string;
  readonly name: string;
  readonly category: string;
  readonly unitPriceMinor: number;
}

/** A market of the seed. */
export interface SeedMarket {
  readonly id: string;
  /** An ISO 4217 code. */
  readonly currency: string;
  readonly products: readonly SeedProduct[];
}

/** The three products of the reference rules, in every market. */
const REFERENCE: readonly SeedProduct[] = [
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

/**
 * The markets of every app's seed: m1, m2 and m3, in GBP, with the same products at different prices. The market app, which owns
 * them, adds stock; an app that projects them may start with the same data without waiting for events.
 */
export function seedCatalogue(): readonly SeedMarket[] {
  return ['m1', 'm2', 'm3'].map((id, index) => ({ id, currency: 'GBP', products: [...REFERENCE, ...range(index)] }));
}

function range(market: number): SeedProduct[] {
  return RANGES.flatMap((prefix, row) =>
    GOODS.map(([name, category, priceMinor], column) => ({
      sku: `P${String(row * GOODS.length + column + 1).padStart(4, '0')}`,
      name: `${prefix} ${name}`,
      category,
      // Prices differ between ranges and markets by a few per cent, and are the same in every run.
      unitPriceMinor: priceMinor + row * 7 + market * 3,
    })),
  );
}
