import { seedCatalogue, type ImportLine, type MarketEdit } from '@aisle/contracts';
import type { SeedSize } from '@aisle/platform';

/** A market of the seed, with its products and stock. */
export interface SeededMarket {
  readonly id: string;
  readonly edit: MarketEdit;
  readonly lines: readonly ImportLine[];
}

const GOODS_M = 2_000;
const MARKETS_M = ['m4', 'm5', 'm6', 'm7'];
const GOODS_L = 100_000;

/** The products of the tutorial's orders; two of the four are in stock. */
const ORDERED = [
  { sku: 'LAPTOP', name: 'Laptop', amount: 89_900, quantity: 10 },
  { sku: 'PHONE', name: 'Phone', amount: 49_900, quantity: 25 },
  { sku: 'HEADPHONES', name: 'Headphones', amount: 7_900 },
  { sku: 'KEYBOARD', name: 'Keyboard', amount: 4_500 },
];

/** The markets of a seed size: `s` has m1, m2 and m3; `m` has four more of 2,000 products; `l` has one more of 100,000. */
export function seedMarkets(size: SeedSize): readonly SeededMarket[] {
  const small = seedCatalogue().map(({ id, currency, products }): SeededMarket => {
    const goods = products.map(({ sku, name, category, unitPriceMinor }) => ({
      sku, name, description: null, category, price: { amount: unitPriceMinor, currency }, quantity: 1_000,
    }));
    const ordered = ORDERED.map(({ sku, name, amount, quantity = 0 }) => ({
      sku, name, description: null, category: 'electronics', price: { amount, currency }, quantity,
    }));
    return { id, edit: { currency }, lines: [...goods, ...ordered].map((product, index) => ({ line: index + 1, ...product })) };
  });
  const medium = size === 's' ? [] : MARKETS_M.map((id) => ({ id, edit: { currency: 'GBP' }, lines: goods(GOODS_M) }));
  const large = size === 'l' ? [{ id: 'm100k', edit: { currency: 'GBP' }, lines: goods(GOODS_L) }] : [];
  return [...small, ...medium, ...large];
}

function goods(count: number): ImportLine[] {
  return Array.from({ length: count }, (_, index) => ({
    line: index + 1,
    sku: `S${String(index + 1).padStart(6, '0')}`,
    name: `Article ${index + 1}`,
    description: null,
    category: `aisle ${(index % 40) + 1}`,
    price: { amount: 50 + ((index * 37) % 2_000), currency: 'GBP' },
    quantity: 20 + (index % 180),
  }));
}
