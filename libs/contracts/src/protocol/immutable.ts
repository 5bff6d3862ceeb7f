/** The value as nobody changes it. */
export type Immutable<T> = T extends readonly (infer Item)[]
  ? readonly Immutable<Item>[]
  : T extends object ? { readonly [Key in keyof T]: Immutable<T[Key]> } : T;

/** The fields of a value, and the lists in them, as nobody changes them. */
export type ReadonlyFields<T> = { readonly [Key in keyof T]: ReadonlyList<T[Key]> };

type ReadonlyList<T> = T extends (infer Item)[] ? readonly Item[] : T;
