/** Changes of fields by name: an absent one stays, and null clears it. */
export type FieldChanges<T> = { readonly [Name in keyof T]?: T[Name] | null | undefined };

/** The fields after a change. Fields come from JSON, and a schema gives them one order of keys, so equal ones have equal texts. */
export function fieldsAfter<T extends object>(names: readonly (keyof T)[], kept: T, changes: FieldChanges<T>): T {
  return Object.fromEntries(names.flatMap((name) => {
    const value = changes[name] === undefined ? kept[name] : changes[name];
    return value === undefined || value === null ? [] : [[name, value]];
  })) as T;
}

/** Whether two fields from JSON are equal. */
export function isSameField(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}
