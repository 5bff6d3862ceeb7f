// The three reference rules, in minor units, rounded once a line: GR1 buy one get one free, SR1 at
// 4.50 from three, CF1 at two thirds from three.

interface Product {
  readonly name: string;
  readonly unitPriceMinor: number;
  net(quantity: number): number;
}

const PRODUCTS: ReadonlyMap<string, Product> = new Map([
  ['GR1', { name: 'Green tea', unitPriceMinor: 311, net: (n: number) => 311 * Math.ceil(n / 2) }],
  ['SR1', { name: 'Strawberries', unitPriceMinor: 500, net: (n: number) => (n >= 3 ? 450 : 500) * n }],
  ['CF1', { name: 'Coffee', unitPriceMinor: 1123, net: (n: number) => (n >= 3 ? Math.round((1123 * n * 2) / 3) : 1123 * n) }],
]);

export interface PricedLine {
  readonly sku: string;
  readonly name: string;
  readonly quantity: number;
  readonly unitPriceMinor: number;
  readonly netMinor: number;
}

export function isSold(sku: string): boolean {
  return PRODUCTS.has(sku);
}

export function priced(sku: string, quantity: number): PricedLine {
  const product = PRODUCTS.get(sku);
  if (!product) throw new Error(`no product ${sku}`);
  const { name, unitPriceMinor } = product;
  return { sku, name, quantity, unitPriceMinor, netMinor: product.net(quantity) };
}
