// The rules of a product and of the lots in which it lies, pure.
import type { Failure } from '@aisle/std';
import { StockFailure } from '../stock/stock-failures.ts';

/** What a product is, whatever there is of it. */
export interface Details {
  readonly name: string;
  readonly description: string | null;
  readonly category: string | null;
  readonly priceMinor: number;
  /** It is not sold any more; only units that orders were promised stay in the books. */
  readonly deleted: boolean;
}

/** Units that came together, or expire together. */
export interface Lot {
  readonly lot: string;
  /** The last day on which it may leave, ISO 8601; null for what keeps. */
  readonly expiresOn: string | null;
  readonly quantity: number;
  /** It was said that it is near its day. */
  readonly warned: boolean;
  /** Its day is past, and the promises that it covered were looked at since. */
  readonly lapsed?: boolean;
}

/** A product and its stock. */
export interface Product {
  readonly sku: string;
  /** Grows with each change of what the product's document shows. */
  readonly version: number;
  readonly details: Details;
  /** In the order in which they leave: first expired, first out; what keeps comes last. */
  readonly lots: readonly Lot[];
  /** The sum of the lots. */
  readonly onHand: number;
  /** Of these, what orders have been promised. */
  readonly reserved: number;
}

/** Units that left a lot, or came into it. */
export interface Moved {
  readonly lot: string;
  readonly delta: number;
}

const STOCK_LIMITS = { lotsPerProduct: 200, unitsPerProduct: 1_000_000_000 } as const;

/** Where stock without a date lies, unless its lot has a name. */
export const UNDATED = 'undated';

export function isExpired({ expiresOn }: Pick<Lot, 'expiresOn'>, today: string): boolean {
  return expiresOn !== null && expiresOn < today;
}

/** What may still be promised: expired lots count for nothing, and a deleted product is not sold. */
export function availableOf(product: Product, today: string): number {
  return product.details.deleted ? 0 : Math.max(0, goodOf(product, today) - product.reserved);
}

/** Promised units that good ones do not cover today; 0 or less when all are covered. */
export function uncoveredOf(product: Product, today: string): number {
  return product.reserved - goodOf(product, today);
}

/** Units that may leave the shop today. */
export function goodOf({ lots, onHand }: Product, today: string): number {
  // Sorted: when the first has not expired, none has.
  if (lots[0] === undefined || !isExpired(lots[0], today)) return onHand;
  return lots.reduce((sum, lot) => (isExpired(lot, today) ? sum : sum + lot.quantity), 0);
}

/** The day that the product's document shows: the first on which some of it expires. */
export function expiresOnOf({ lots }: Product): string | null {
  return lots[0]?.expiresOn ?? null;
}

/** Puts units into a lot, which is made when there is none of the name. */
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

/** Which lots units leave from. */
export type From =
  /** Sold: first expired first out, and what has expired never. */
  | { readonly of: 'good'; readonly today: string }
  /** Lost, broken, counted anew: whatever there is, in the same order. */
  | { readonly of: 'all' }
  | { readonly of: 'lot'; readonly lot: string };

/** Takes units out of the lots; `insufficient` makes the failure when there are not so many. */
export function taken(
  product: Product,
  quantity: number,
  from: From,
  insufficient: (there: number) => Failure,
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
 * Takes units off the books that nobody was promised. Throws `StockFailure.insufficient` when orders need them. Expired units count
 * here: `keepPromises` looks at which of them are good.
 */
export function takenUnpromised(product: Product, quantity: number, from: From): ReturnType<typeof taken> {
  const { sku, onHand, reserved } = product;
  if (quantity > onHand - reserved) throw StockFailure.insufficient(sku, onHand, reserved);
  return taken(product, quantity, from, () => StockFailure.insufficient(sku, onHand, reserved));
}

/**
 * Leaves of a product only what orders were promised. Units that expire first are taken first, so the promises keep those
 * that are good for longest.
 */
export function withoutUnpromised(product: Product): ReturnType<typeof taken> {
  const lots = product.lots.filter(({ quantity }) => quantity > 0);
  return takenUnpromised({ ...product, lots }, product.onHand - product.reserved, { of: 'all' });
}

/**
 * Guards what people change about the stock. Throws `StockFailure.promised` when the change takes good units, or makes them expire,
 * and orders were promised more than are left. Expired units cover no promise.
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
