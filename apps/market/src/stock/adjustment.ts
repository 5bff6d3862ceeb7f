// What people say of the stock, pure: a delivery came, something was counted, broken or brought back.
import { keepPromises, received, takenUnpromised, type Moved, type Product } from '../product/product.ts';
import { StockFailure } from './stock-failures.ts';

/** Every kind of movement of units; those of P6's equation. */
export type MovementKind = 'initial' | 'received' | 'returned' | 'adjusted' | 'fulfilled' | 'written_off';

/** The reason of movements that clear the books of a product that was deleted. */
export const PRODUCT_DELETED = 'product deleted';

/** A change of the stock that somebody gives a reason for. */
export interface Adjustment {
  readonly kind: Extract<MovementKind, 'received' | 'returned' | 'adjusted' | 'written_off'>;
  readonly delta: number;
  /** Units on hand that the caller counts on. */
  readonly expectedQuantity?: number | undefined;
  readonly lot?: string | undefined;
  readonly expiresOn?: string | null | undefined;
}

/** Throws `StockFailure.quantityChanged`, `StockFailure.insufficient`, `StockFailure.promised`, and what a lot refuses with. */
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
 * Takes what has expired of a lot off the books, as far as no order was promised it: what is promised stays until the order
 * is released, or has other units. Undefined when there is nothing to take.
 */
export function writtenOff(product: Product, lot: string, today: string): ReturnType<typeof adjusted> | undefined {
  const { lots, onHand, reserved } = product;
  const expired = lots.find((one) => one.lot === lot && one.expiresOn !== null && one.expiresOn < today);
  const quantity = Math.min(expired?.quantity ?? 0, onHand - reserved);
  return quantity > 0 ? takenUnpromised(product, quantity, { of: 'lot', lot }) : undefined;
}
