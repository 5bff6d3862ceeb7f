// PostgreSQL's binary array format (array_recv in its source): a header of five 32-bit numbers, then each
// element with its length before it. A batch costs nine buffers and no escaping; as text literals the
// same bytes would be doubled twice.
const HEADER_BYTES = 20;

/** How the elements of one array type are written. */
export interface ElementType<T> {
  readonly oid: number;
  bytes(value: T): number;
  /** Writes exactly so many bytes. */
  write(target: Buffer, value: T, at: number): void;
}

export const int4: ElementType<number> = {
  oid: 23,
  bytes: () => 4,
  write: (target, value, at) => target.writeInt32BE(value, at),
};

/** Of safe integers that are not negative. */
export const int8: ElementType<number> = {
  oid: 20,
  bytes: () => 8,
  write: (target, value, at) => {
    target.writeUInt32BE(Math.floor(value / 2 ** 32), at);
    target.writeUInt32BE(value % 2 ** 32, at + 4);
  },
};

export const text: ElementType<string> = {
  oid: 25,
  bytes: (value) => Buffer.byteLength(value),
  write: (target, value, at) => target.write(value, at),
};

export const bytea: ElementType<Uint8Array> = {
  oid: 17,
  bytes: (value) => value.length,
  write: (target, value, at) => target.set(value, at),
};

/** A value for an array parameter: one element for each item, as `of` takes it from there. */
export function binaryArray<Item, T>(
  type: ElementType<T>, items: readonly Item[], of: (item: Item) => T,
): Buffer {
  let bytes = HEADER_BYTES + 4 * items.length;
  for (const item of items) bytes += type.bytes(of(item));
  const array = Buffer.allocUnsafe(bytes);
  array.writeInt32BE(1, 0); // dimensions
  array.writeInt32BE(0, 4); // no nulls
  array.writeInt32BE(type.oid, 8);
  array.writeInt32BE(items.length, 12);
  array.writeInt32BE(1, 16); // first index
  let at = HEADER_BYTES;
  for (const item of items) {
    const value = of(item);
    const length = type.bytes(value);
    array.writeInt32BE(length, at);
    type.write(array, value, at + 4);
    at += 4 + length;
  }
  return array;
}
