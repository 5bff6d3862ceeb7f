/** An object under construction, before it is frozen. */
export type Draft<T> = { -readonly [K in keyof T]: T[K] };

/** Freezes a JSON value deeply, in place, and returns it. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  Object.freeze(value);
  for (const part of Object.values(value)) deepFreeze(part);
  return value;
}
