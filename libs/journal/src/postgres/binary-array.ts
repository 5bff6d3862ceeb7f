// PostgreSQL's binary array format (array_recv in its source): a header of five 32-bit numbers, then each
// element with its length before it. A batch costs nine buffers and no escaping; as text literals the
// same bytes would be doubled twice.
const HEADER_BYTES = 20;

/** How the elements of one array type are written. */
export interface ElementType<T> {
  readonly oid: number;
  /** No value takes more bytes than this. */
  bytesMax(value: T): number;
  /** Returns how many bytes it took. */
  write(target: Buffer, value: T, at: number): number;
}

export const int4: ElementType<number> = {
  oid: 23,
  bytesMax: () => 4,
  write: (target, value, at) => target.writeInt32BE(value, at) - at,
};

/** Of safe integers that are not negative. */
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

/** What a string takes at most in UTF-8: three bytes for each of its 16-bit units. */
export function utf8BytesMax(value: string): number {
  return value.length * 3;
}

/** A value for an array parameter: one element for each item, as `of` takes it from there. */
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
