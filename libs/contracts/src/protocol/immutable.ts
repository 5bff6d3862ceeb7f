/** The type of a value that is readonly at every level. */
export type Immutable<T> = T extends readonly (infer Item)[]
  ? readonly Immutable<Item>[]
  : T extends object ? { readonly [Key in keyof T]: Immutable<T[Key]> } : T;

/** The type of a value whose fields, and the lists in them, are readonly. */
export type ReadonlyFields<T> = { readonly [Key in keyof T]: ReadonlyList<T[Key]> };

type ReadonlyList<T> = T extends (infer Item)[] ? readonly Item[] : T;

/** The type of a value that names every field; an absent one is `undefined`. Forgetting a field does not compile. */
export type Whole<T> = { readonly [Key in keyof Required<T>]: T[Key] };
