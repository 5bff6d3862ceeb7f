import { Json } from '../text.ts';

/** Bytes of `ext` as JSON in UTF-8. */
export const EXT_BYTES_MAX = 4_096;

/** Facts of the caller's own about a market, product, basket, line or order. Aisle echoes them and does not read them. */
export const Ext = Json
  .refine(isPlainObject, 'must be an object')
  .refine((value) => !isPlainObject(value) || bytesOf(value) <= EXT_BYTES_MAX, `must be at most ${EXT_BYTES_MAX} bytes as JSON`)
  .meta({ id: 'Ext', type: 'object', description: `any JSON object of at most ${EXT_BYTES_MAX} bytes` });
export type Ext = Readonly<Record<string, unknown>>;

function isPlainObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
