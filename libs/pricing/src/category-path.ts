/** Whether a category such as `food/dairy/cheese` is this one or lies below it: `food/dairy` covers it, `food/da` does not. */
export function isInCategory(category: string, ancestor: string): boolean {
  return category === ancestor || (category.length > ancestor.length && category.startsWith(ancestor) && category[ancestor.length] === '/');
}

/** Categories and products of a scope. An absent part does not restrict, and an excluded one always does. */
export interface CategoryScope {
  readonly categories?: readonly string[] | undefined;
  readonly excludedCategories?: readonly string[] | undefined;
  readonly excludedSkus?: readonly string[] | undefined;
}

/** Whether a scope covers a product, by the path of its category. */
export function coversCategory(
  { categories, excludedCategories = [], excludedSkus = [] }: CategoryScope, { sku, category }: { readonly sku: string; readonly category?: string | undefined },
): boolean {
  const isIn = (ancestor: string): boolean => category !== undefined && isInCategory(category, ancestor);
  return (categories === undefined || categories.some(isIn)) && !excludedCategories.some(isIn) && !excludedSkus.includes(sku);
}
