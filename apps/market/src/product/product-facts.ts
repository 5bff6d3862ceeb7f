// The facts of retail about a product, by name: all that contracts declare as `productFacts`.
import { codeKey, normalCode, productFactChanges, type ProductFacts } from '@aisle/contracts';
import { fieldsAfter, isSameField, type FieldChanges } from '../market/named-fields.ts';
import { ProductFailure } from './product-failures.ts';
import type { Details, Product } from './product.ts';

const NAMES = Object.keys(productFactChanges) as (keyof ProductFacts)[];

/**
 * The facts of a product after a change; nothing if there are none. `present` may be a deleted product, of which only the unit stays.
 * Throws `ProductFailure.unitFixed`: stock, baskets and orders count in the steps of a unit, so it never changes. Throws
 * `barcode.check_digit` for a wrong GTIN.
 */
export function factsAfter(
  sku: string, present: Product | undefined, { codes, ...changes }: FieldChanges<ProductFacts>,
): { readonly facts?: ProductFacts } {
  const { facts: known = {}, deleted = false } = present?.details ?? {};
  const kept: ProductFacts = deleted ? { unit: known.unit } : known;
  const facts = fieldsAfter(NAMES, kept, { ...changes, codes: codes && (codes.length === 0 ? null : normalised(codes)) });
  if (present && !isSameField(facts.unit, known.unit)) throw ProductFailure.unitFixed(sku, known.unit ?? null);
  return Object.keys(facts).length === 0 ? {} : { facts };
}

/** The keys by which scanners find a product that is sold. */
export function codeKeysOf({ deleted, facts }: Pick<Details, 'deleted' | 'facts'>): readonly string[] {
  return deleted ? [] : (facts?.codes ?? []).map(codeKey);
}

/** One code in two forms is one code. */
function normalised(codes: NonNullable<ProductFacts['codes']>): NonNullable<ProductFacts['codes']> {
  return [...new Map(codes.map(normalCode).map((code) => [codeKey(code), code])).values()];
}
