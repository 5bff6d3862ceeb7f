// PostgreSQL's binary array format (array_recv in its source): a header of five 32-bit numbers, then each
// element with its length before it. A batch of 500 rows costs nine buffers and no escaping; as text
// literals the same bytes would be doubled twice.
const HEADER_BYTES = 20;
const OID = { bytea: 17, int8: 20, int4: 23, text: 25, uuid: 2950 };

/** A value for an `int[]` parameter. */
export function int4Array(values: readonly number[]): Buffer {
  const array = allocate(OID.int4, values.length, values.length * 4);
  let at = HEADER_BYTES;
  for (const value of values) {
    array.writeInt32BE(4, at);
    array.writeInt32BE(value, at + 4);
    at += 8;
  }
  return array;
}

/** A value for a `bigint[]` parameter; the numbers are safe integers, not negative. */
export function int8Array(values: readonly number[]): Buffer {
  const array = allocate(OID.int8, values.length, values.length * 8);
  let at = HEADER_BYTES;
  for (const value of values) {
    array.writeInt32BE(8, at);
    array.writeUInt32BE(Math.floor(value / 2 ** 32), at + 4);
    array.writeUInt32BE(value % 2 ** 32, at + 8);
    at += 12;
  }
  return array;
}

/** A value for a `text[]` parameter. */
export function textArray(values: readonly string[]): Buffer {
  return bytesArray(OID.text, values.map((value) => Buffer.from(value)));
}

/** A value for a `bytea[]` parameter. */
export function byteaArray(values: readonly Uint8Array[]): Buffer {
  return bytesArray(OID.bytea, values);
}

/** A value for a `uuid[]` parameter, of 16 bytes each. */
export function uuidArray(values: readonly Uint8Array[]): Buffer {
  return bytesArray(OID.uuid, values);
}

function bytesArray(elementOid: number, values: readonly Uint8Array[]): Buffer {
  let bytes = 0;
  for (const value of values) bytes += value.length;
  const array = allocate(elementOid, values.length, bytes);
  let at = HEADER_BYTES;
  for (const value of values) {
    array.writeInt32BE(value.length, at);
    array.set(value, at + 4);
    at += 4 + value.length;
  }
  return array;
}

function allocate(elementOid: number, length: number, bytes: number): Buffer {
  const array = Buffer.allocUnsafe(HEADER_BYTES + length * 4 + bytes);
  array.writeInt32BE(1, 0); // dimensions
  array.writeInt32BE(0, 4); // no nulls
  array.writeInt32BE(elementOid, 8);
  array.writeInt32BE(length, 12);
  array.writeInt32BE(1, 16); // first index
  return array;
}
