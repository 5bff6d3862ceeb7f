/**
 * Whether a category such as `food/dairy/cheese` is one of these or lies below one: `food/dairy` covers it, `food/da` does not. A product
 * without a category is in none.
 */
export function isInAny(categories: ReadonlySet<string>, category: string | undefined): boolean {
  if (category === undefined) return false;
  if (categories.has(category)) return true;
  for (let at = category.lastIndexOf('/'); at > 0; at = category.lastIndexOf('/', at - 1)) {
    if (categories.has(category.slice(0, at))) return true;
  }
  return false;
}
