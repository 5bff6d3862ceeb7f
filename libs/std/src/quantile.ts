/** The quantile of the samples at `share` (0 to 1), by the nearest rank; undefined without samples. */
export function quantile(samples: ArrayLike<number>, share: number): number | undefined {
  const ascending = Float64Array.from(samples).sort();
  return ascending[Math.min(ascending.length - 1, Math.floor(ascending.length * share))];
}
