// The facts of retail about a product, by name: all that contracts declare as `productFacts`.
import { productFactChanges, type ProductFacts } from '@aisle/contracts';
import { ProductFailure } from './product-failures.ts';
import type { Product } from './product.ts';

/** Facts as a body gives them: an absent one stays, and null clears it. */
export type FactChanges = { readonly [Fact in keyof ProductFacts]?: ProductFacts[Fact] | null | undefined };

const NAMES = Object.keys(productFactChanges) as (keyof ProductFacts)[];

/**
 * The facts of a product after a change; nothing if there are none. `present` may be a deleted product, of which only the unit stays.
 * Throws `ProductFailure.unitFixed`: stock, baskets and orders count in the steps of a unit, so it never changes.
 */
export function factsAfter(sku: string, present: Product | undefined, changes: FactChanges): { readonly facts?: ProductFacts } {
  const { facts: known = {}, deleted = false } = present?.details ?? {};
  const kept: ProductFacts = deleted ? { unit: known.unit } : known;
  const facts = Object.fromEntries(NAMES.flatMap((name) => {
    const value = changes[name] === undefined ? kept[name] : changes[name];
    return value === undefined || value === null ? [] : [[name, value]];
  })) as ProductFacts;
  if (present && !isSameFact(facts.unit, known.unit)) throw ProductFailure.unitFixed(sku, known.unit ?? null);
  return Object.keys(facts).length === 0 ? {} : { facts };
}

/** Facts come from JSON and are read by one schema, so equal facts have equal texts. */
export function isSameFact(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}
