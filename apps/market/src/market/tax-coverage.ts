import type { MarketTerms } from '@aisle/contracts';
import { ProductFailure } from '../product/product-failures.ts';
import type { Details, Product } from '../product/product.ts';
import { MarketFailure } from './market-failures.ts';

/** Products that one refusal names. */
const NAMED_MAX = 20;

/**
 * Refuses a product without a known tax rate in a market with taxes. A rate that has begun never ends, so a product that has a rate
 * today has one on every later day. Throws `ProductFailure.untaxed`.
 */
export function requireRate(terms: MarketTerms | undefined, sku: string, { facts }: Details, today: string): void {
  const category = facts?.taxCategory;
  if (terms?.tax && !categoriesOn(terms.tax, today).has(category)) throw ProductFailure.untaxed(sku, category ?? null, today);
}

/** Refuses taxes that leave products of the market without a rate. Throws `MarketFailure.productsUntaxed`. */
export function requireRates({ tax }: MarketTerms, products: Iterable<Product>, today: string): void {
  if (!tax) return;
  const known = categoriesOn(tax, today);
  const untaxed: string[] = [];
  for (const { sku, details: { facts, deleted } } of products) if (!deleted && !known.has(facts?.taxCategory)) untaxed.push(sku);
  if (untaxed.length > 0) throw MarketFailure.productsUntaxed(untaxed.sort().slice(0, NAMED_MAX), today);
}

function categoriesOn({ rates }: NonNullable<MarketTerms['tax']>, day: string): ReadonlySet<string | undefined> {
  return new Set(rates.filter(({ from }) => from <= day).map(({ category }) => category));
}
