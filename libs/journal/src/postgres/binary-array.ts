// PostgreSQL's binary array format (array_recv in its source): a header of five 32-bit numbers, then each element
// preceded by its length. A batch costs nine buffers and no escaping. As text literals the same bytes would be doubled
// twice.
const HEADER_BYTES = 20;

/** The encoding of one array type's elements. */
export interface ElementType<T> {
  readonly oid: number;
  /** An upper bound on the value's bytes. */
  bytesMax(value: T): number;
  /** Returns the number of written bytes. */
  write(target: Buffer, value: T, at: number): number;
}

export const int4: ElementType<number> = {
  oid: 23,
  bytesMax: () => 4,
  write: (target, value, at) => target.writeInt32BE(value, at) - at,
};

/** For non-negative safe integers. */
export const int8: ElementType<number> = {
  oid: 20,
  bytesMax: () => 8,
  write: (target, value, at) => {
    target.writeUInt32BE(Math.floor(value / 2 ** 32), at);
    return target.writeUInt32BE(value % 2 ** 32, at + 4) - at;
  },
};

export const text: ElementType<string> = {
  oid: 25,
  bytesMax: (value) => utf8BytesMax(value),
  write: (target, value, at) => target.write(value, at),
};

export const bytea: ElementType<Uint8Array> = {
  oid: 17,
  bytesMax: (value) => value.length,
  write: (target, value, at) => {
    target.set(value, at);
    return value.length;
  },
};

/** The maximum of a string in UTF-8: three bytes for each of its 16-bit units. */
export function utf8BytesMax(value: string): number {
  return value.length * 3;
}

/** A value for an array parameter: one element per item, taken by `of`. */
export function binaryArray<Item, T>(
  type: ElementType<T>, items: readonly Item[], of: (item: Item) => T,
): Buffer {
  let bytesMax = HEADER_BYTES + 4 * items.length;
  for (const item of items) bytesMax += type.bytesMax(of(item));
  const array = Buffer.allocUnsafe(bytesMax);
  array.writeInt32BE(1, 0); // dimensions
  array.writeInt32BE(0, 4); // no nulls
  array.writeInt32BE(type.oid, 8);
  array.writeInt32BE(items.length, 12);
  array.writeInt32BE(1, 16); // first index
  let at = HEADER_BYTES;
  for (const item of items) {
    const bytes = type.write(array, of(item), at + 4);
    array.writeInt32BE(bytes, at);
    at += 4 + bytes;
  }
  return array.subarray(0, at);
}
