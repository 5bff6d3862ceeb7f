// The documents of markets, products and stock.
import type { Market as MarketDocument, Product as ProductDocument, Stock } from '@aisle/contracts';
import { availableOf, expiresOnOf, isExpired, type Product } from '../product/product.ts';
import type { Settings } from './settings.ts';

export function marketView(id: string, { currency, rounding, lowStock, nearExpiryDays, terms, version }: Settings): MarketDocument {
  return { id, currency, rounding, thresholds: { lowStock, nearExpiryDays }, ...terms, version };
}

export function productView(currency: string, product: Product): ProductDocument {
  const { sku, version, onHand, details: { name, description, category, priceMinor, facts } } = product;
  const price = { amount: priceMinor, currency };
  return { sku, name, description, category, price, quantity: onHand, expiresOn: expiresOnOf(product), ...facts, version };
}

export function stockView(product: Product, today: string): Stock {
  const { sku, onHand, reserved, version, details: { facts } } = product;
  const lots = product.lots.map((lot) => {
    const { lot: name, expiresOn, quantity } = lot;
    return { lot: name, expiresOn, quantity, expired: isExpired(lot, today) };
  });
  const unit = facts?.unit;
  return { sku, onHand, ...(unit ? { unit } : {}), reserved, available: availableOf(product, today), lots, version };
}
