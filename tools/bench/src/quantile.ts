/** The value below which this fraction of the values lies; NaN without values. */
export function quantile(values: Iterable<number>, fraction: number): number {
  const ascending = Float64Array.from(values).sort();
  return ascending[Math.min(ascending.length - 1, Math.floor(ascending.length * fraction))] ?? Number.NaN;
}
