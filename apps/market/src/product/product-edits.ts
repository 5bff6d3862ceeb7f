// Edits of products by a market's staff, pure.
import {
  UNDATED, expiresOnOf, keepPromises, received, takenUnpromised, withLots, type Details, type Moved, type Product,
} from './product.ts';
import { ProductFailure } from './product-failures.ts';
import { isSameField } from '../market/named-fields.ts';
import { StockFailure } from '../stock/stock-failures.ts';
import type { MovementKind } from '../stock/adjustment.ts';

/** A product as its document describes it. Omitted fields stay unchanged. */
export interface ProductEdit {
  readonly details: Details;
  /** The units on hand after the edit. */
  readonly quantity?: number | undefined;
  /** The expiry date of the stock on hand, ISO 8601; null for stock without one. */
  readonly expiresOn?: string | null | undefined;
}

/** An edited product, and the movements of the edit. */
export interface Edited {
  readonly product: Product;
  readonly moved: readonly (Moved & { readonly kind: MovementKind })[];
}

/** A product that the market has not had before. */
export function created(sku: string, edit: ProductEdit): Edited {
  return remade({ sku, version: 0, details: edit.details, lots: [], onHand: 0, reserved: 0 }, edit);
}

/**
 * A deleted product that is created again. Promised units of the old one remain in their lots, and count in the quantity.
 * Throws `StockFailure.insufficient` for a smaller quantity.
 */
export function remade(before: Product, { details, quantity, expiresOn = null }: ProductEdit): Edited {
  const { sku, onHand, reserved } = before;
  const product: Product = { ...before, details, version: before.version + 1 };
  const units = (quantity ?? onHand) - onHand;
  if (units < 0) throw StockFailure.insufficient(sku, onHand, reserved);
  if (units === 0 && expiresOn === null) return { product, moved: [] };
  const first = received(product, { expiresOn, quantity: units });
  const moved = first.moved.filter(({ delta }) => delta > 0).map((one) => ({ ...one, kind: 'initial' as const }));
  return { product: first.product, moved };
}

/**
 * The product after an edit; the same object if nothing changed. A quantity is a count, and the difference is an adjustment.
 * A date applies to the whole stock, which must be in one lot. Throws `ProductFailure.lotsSeveral`, `StockFailure.insufficient`, the failures of
 * `received`, and `StockFailure.promised` if the edit removes units that orders need, or makes them expire.
 */
export function edited(before: Product, { details, quantity, expiresOn }: ProductEdit, today: string): Edited {
  const dated = expiresOn === undefined || expiresOn === expiresOnOf(before) ? before : redated(before, expiresOn);
  const counted = quantity === undefined || quantity === dated.onHand
    ? { product: dated, moved: [] }
    : recounted(dated, quantity, expiresOn ?? null);
  keepPromises(before, counted.product, today);
  const isSame = counted.product === before && sameDetails(before.details, details);
  const kept = sameDetails(before.details, details) ? before.details : details;
  const product = isSame ? before : { ...counted.product, details: kept, version: before.version + 1 };
  return { product, moved: counted.moved.map((one) => ({ ...one, kind: 'adjusted' })) };
}

function recounted(product: Product, quantity: number, expiresOn: string | null): { product: Product; moved: readonly Moved[] } {
  const delta = quantity - product.onHand;
  if (delta < 0) return takenUnpromised(product, -delta, { of: 'all' });
  // Without a date the units go to the lot that leaves last.
  const lot = expiresOn === null ? product.lots.at(-1)?.lot : undefined;
  return received(product, { lot, expiresOn, quantity: delta });
}

function redated(product: Product, expiresOn: string | null): Product {
  const [lot, ...others] = product.lots;
  if (others.length > 0) throw ProductFailure.lotsSeveral(product.sku);
  if (!lot) return expiresOn === null ? product : withLots(product, [{ lot: expiresOn, expiresOn, quantity: 0, warned: false }]);
  // A lot without its own name is named after its date.
  const isNamed = lot.lot !== (lot.expiresOn ?? UNDATED);
  const name = isNamed ? lot.lot : (expiresOn ?? UNDATED);
  return withLots(product, [{ lot: name, expiresOn, quantity: lot.quantity, warned: false }]);
}

function sameDetails(one: Details, other: Details): boolean {
  return one.name === other.name && one.description === other.description && one.category === other.category
    && one.priceMinor === other.priceMinor && one.deleted === other.deleted && isSameField(one.facts, other.facts);
}
