// Adjustments of the stock by staff, pure: deliveries, counts, losses and returns.
import { keepPromises, received, takenUnpromised, type Moved, type Product } from '../product/product.ts';
import { StockFailure } from './stock-failures.ts';

/** The kinds of movements of units, as in the equation of guarantee P6. */
export type MovementKind = 'initial' | 'received' | 'returned' | 'adjusted' | 'fulfilled' | 'written_off';

/** The reason of movements that write off the units of a deleted product. */
export const PRODUCT_DELETED = 'product deleted';

/** A change of the stock by staff. */
export interface Adjustment {
  readonly kind: Extract<MovementKind, 'received' | 'returned' | 'adjusted' | 'written_off'>;
  readonly delta: number;
  /** The units on hand that the caller expects. */
  readonly expectedQuantity?: number | undefined;
  readonly lot?: string | undefined;
  readonly expiresOn?: string | null | undefined;
}

/**
 * The product after an adjustment. Throws `StockFailure.quantityChanged`, `StockFailure.insufficient`, `StockFailure.promised`, and the failures of `received`
 * and `taken`.
 */
export function adjusted(
  product: Product,
  { delta, expectedQuantity, lot, expiresOn = null }: Adjustment,
  today: string,
): { product: Product; moved: readonly Moved[] } {
  const { sku, onHand } = product;
  if (expectedQuantity !== undefined && expectedQuantity !== onHand) throw StockFailure.quantityChanged(sku, expectedQuantity, onHand);
  if (delta > 0) return received(product, { lot, expiresOn, quantity: delta });
  const out = takenUnpromised(product, -delta, lot === undefined ? { of: 'all' } : { of: 'lot', lot });
  keepPromises(product, out.product, today);
  return out;
}

export function writtenOffAs(moved: Moved): Moved & { readonly kind: 'written_off' } {
  return { ...moved, kind: 'written_off' };
}

/**
 * Writes off the unpromised units of an expired lot. Promised units stay until their order is released, or other units cover
 * it. Returns undefined if there is nothing to write off.
 */
export function writtenOff(product: Product, lot: string, today: string): ReturnType<typeof adjusted> | undefined {
  const { lots, onHand, reserved } = product;
  const expired = lots.find((one) => one.lot === lot && one.expiresOn !== null && one.expiresOn < today);
  const quantity = Math.min(expired?.quantity ?? 0, onHand - reserved);
  return quantity > 0 ? takenUnpromised(product, quantity, { of: 'lot', lot }) : undefined;
}
