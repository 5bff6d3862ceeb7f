// The documents of markets, products and stock.
import type { Market as MarketDocument, Product as ProductDocument, Stock } from '@aisle/contracts';
import { availableOf, expiresOnOf, isExpired, type Product } from '../product/product.ts';
import type { Settings } from './settings.ts';

export function marketView(id: string, { currency, rounding, lowStock, nearExpiryDays, version }: Settings): MarketDocument {
  return { id, currency, rounding, thresholds: { lowStock, nearExpiryDays }, version };
}

export function productView(currency: string, product: Product): ProductDocument {
  const { sku, version, onHand, details: { name, description, category, priceMinor } } = product;
  const price = { amount: priceMinor, currency };
  return { sku, name, description, category, price, quantity: onHand, expiresOn: expiresOnOf(product), version };
}

export function stockView(product: Product, today: string): Stock {
  const { sku, onHand, reserved, version } = product;
  const lots = product.lots.map((lot) => {
    const { lot: name, expiresOn, quantity } = lot;
    return { lot: name, expiresOn, quantity, expired: isExpired(lot, today) };
  });
  return { sku, onHand, reserved, available: availableOf(product, today), lots, version };
}
