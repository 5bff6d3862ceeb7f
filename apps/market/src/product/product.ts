// The rules of a product and its lots, pure.
import { stepsPerUnit, type ProductFacts } from '@aisle/contracts';
import type { Failure } from '@aisle/std';
import { StockFailure } from '../stock/stock-failures.ts';

/** The description of a product, without its stock. */
export interface Details {
  readonly name: string;
  readonly description: string | null;
  readonly category: string | null;
  readonly priceMinor: number;
  /** The product is no longer sold; only promised units stay in the books. */
  readonly deleted: boolean;
  /** The facts of retail about it, such as its unit; absent if it has none. */
  readonly facts?: ProductFacts;
}

/** Units that arrived together, or expire together. */
export interface Lot {
  readonly lot: string;
  /** The last day on which it may leave the shop, ISO 8601; null for goods without expiry. */
  readonly expiresOn: string | null;
  readonly quantity: number;
  /** Its near expiry was published. */
  readonly warned: boolean;
  /** It has expired, and the promises that it covered were reassessed since. */
  readonly lapsed?: boolean;
}

/** A product and its stock. */
export interface Product {
  readonly sku: string;
  /** Grows with each change of the product's document. */
  readonly version: number;
  readonly details: Details;
  /** In the order in which they leave: first expired, first out. Lots without expiry come last. */
  readonly lots: readonly Lot[];
  /** The sum of the lots. */
  readonly onHand: number;
  /** The units on hand that are promised to orders. */
  readonly reserved: number;
}

/** Units that left a lot (negative), or came into it. */
export interface Moved {
  readonly lot: string;
  readonly delta: number;
}

const STOCK_LIMITS = { lotsPerProduct: 200, unitsPerProduct: 1_000_000_000 } as const;

/** The name of the lot for stock without a date, unless the stock names a lot. */
export const UNDATED = 'undated';

export function isExpired({ expiresOn }: Pick<Lot, 'expiresOn'>, today: string): boolean {
  return expiresOn !== null && expiresOn < today;
}

/** The units that may still be promised: good ones of a product that is sold, minus those promised already. */
export function availableOf(product: Product, today: string): number {
  return product.details.deleted ? 0 : Math.max(0, goodOf(product, today) - product.reserved);
}

/** The promised units that good units do not cover today; 0 or less if all are covered. */
export function uncoveredOf(product: Product, today: string): number {
  return product.reserved - goodOf(product, today);
}

/** The units that may leave the shop today. */
export function goodOf({ lots, onHand }: Product, today: string): number {
  // Lots are sorted, so none has expired if the first has not.
  if (lots[0] === undefined || !isExpired(lots[0], today)) return onHand;
  return lots.reduce((sum, lot) => (isExpired(lot, today) ? sum : sum + lot.quantity), 0);
}

/** Steps in one whole unit, by which thresholds in units are compared with quantities in steps. */
export function stepsOfUnit({ details: { facts } }: Product): number {
  return stepsPerUnit(facts?.unit);
}

/** The date in the product's document: the first date on which some of the stock expires. */
export function expiresOnOf({ lots }: Product): string | null {
  return lots[0]?.expiresOn ?? null;
}

/**
 * Puts units into a lot, which is created if necessary. Throws `StockFailure.lotDated`, `StockFailure.lotsFull` or
 * `StockFailure.tooMuch`.
 */
export function received(
  product: Product,
  { lot: name, expiresOn, quantity }: { lot?: string | undefined; expiresOn: string | null; quantity: number },
): { product: Product; moved: readonly Moved[] } {
  const lot = name ?? expiresOn ?? UNDATED;
  const present = product.lots.find((one) => one.lot === lot);
  if (present && expiresOn !== null && present.expiresOn !== expiresOn) throw StockFailure.lotDated(lot, present.expiresOn);
  if (!present && product.lots.length >= STOCK_LIMITS.lotsPerProduct) throw StockFailure.lotsFull(STOCK_LIMITS.lotsPerProduct);
  if (product.onHand + quantity > STOCK_LIMITS.unitsPerProduct) throw StockFailure.tooMuch(STOCK_LIMITS.unitsPerProduct);
  const grown: Lot = present
    ? { ...present, quantity: present.quantity + quantity }
    : { lot, expiresOn, quantity, warned: false };
  return { product: withLots(product, [...product.lots.filter((one) => one.lot !== lot), grown]), moved: [{ lot, delta: quantity }] };
}

/** The lots that units leave from. */
export type From =
  /** Sold units: from lots that have not expired, first expired first out. */
  | { readonly of: 'good'; readonly today: string }
  /** Lost or recounted units: from any lots, in the same order. */
  | { readonly of: 'all' }
  | { readonly of: 'lot'; readonly lot: string };

/** Takes units out of the lots. `insufficient` makes the failure if there are too few. Throws `StockFailure.lotMissing`. */
export function taken(
  product: Product,
  quantity: number,
  from: From,
  insufficient: (present: number) => Failure,
): { product: Product; moved: readonly Moved[] } {
  const mayLeave = (lot: Lot): boolean =>
    from.of === 'all' || (from.of === 'good' ? !isExpired(lot, from.today) : lot.lot === from.lot);
  if (from.of === 'lot' && !product.lots.some(mayLeave)) throw StockFailure.lotMissing(from.lot);
  let missing = quantity;
  const moved: Moved[] = [];
  const lots = product.lots.flatMap((lot) => {
    const units = mayLeave(lot) ? Math.min(lot.quantity, missing) : 0;
    if (units === 0) return [lot];
    missing -= units;
    moved.push({ lot: lot.lot, delta: -units });
    return lot.quantity > units ? [{ ...lot, quantity: lot.quantity - units }] : [];
  });
  if (missing > 0) throw insufficient(quantity - missing);
  return { product: withLots(product, lots), moved };
}

/**
 * Takes unpromised units off the books. Throws `StockFailure.insufficient` if orders need them. Expired units count here;
 * `keepPromises` checks the good ones.
 */
export function takenUnpromised(product: Product, quantity: number, from: From): ReturnType<typeof taken> {
  const { sku, onHand, reserved } = product;
  if (quantity > onHand - reserved) throw StockFailure.insufficient(sku, onHand, reserved);
  return taken(product, quantity, from, () => StockFailure.insufficient(sku, onHand, reserved));
}

/** Removes all unpromised units of a product. Units that expire first go first, so promises keep the longest-lasting units. */
export function withoutUnpromised(product: Product): ReturnType<typeof taken> {
  const lots = product.lots.filter(({ quantity }) => quantity > 0);
  return takenUnpromised({ ...product, lots }, product.onHand - product.reserved, { of: 'all' });
}

/**
 * Checks a change of the stock by staff. Throws `StockFailure.promised` if the change reduces the good units below those that are
 * promised to orders. Expired units cover no promise.
 */
export function keepPromises(before: Product, after: Product, today: string): void {
  const [good, left] = [goodOf(before, today), goodOf(after, today)];
  if (left < good && left < after.reserved) throw StockFailure.promised(after.sku, { good, left, reserved: after.reserved });
}

/** The product with these lots, in the order in which they leave. */
export function withLots(product: Product, lots: readonly Lot[]): Product {
  const sorted = [...lots].sort(byExpiry);
  return { ...product, lots: sorted, onHand: sorted.reduce((sum, { quantity }) => sum + quantity, 0) };
}

function byExpiry(one: Lot, other: Lot): number {
  const [first, second] = [one.expiresOn ?? '~', other.expiresOn ?? '~'];
  if (first !== second) return first < second ? -1 : 1;
  return one.lot < other.lot ? -1 : 1;
}
