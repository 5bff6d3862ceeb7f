/** The value as nobody changes it. */
export type Immutable<T> = T extends readonly (infer Item)[]
  ? readonly Immutable<Item>[]
  : T extends object ? { readonly [Key in keyof T]: Immutable<T[Key]> } : T;

/** The fields of a value, and the lists in them, as nobody changes them. */
export type ReadonlyFields<T> = { readonly [Key in keyof T]: ReadonlyList<T[Key]> };

type ReadonlyList<T> = T extends (infer Item)[] ? readonly Item[] : T;

/** A value of which every field is told: one that may be absent is `undefined` then. To forget one does not compile. */
export type Whole<T> = { readonly [Key in keyof Required<T>]: T[Key] };
