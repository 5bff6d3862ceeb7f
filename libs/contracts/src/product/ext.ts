import { Json } from '../text.ts';

/** Bytes of `ext` as JSON in UTF-8. */
export const EXT_BYTES_MAX = 4_096;

/** Facts of the caller's own about a market, product, basket, line or order. Aisle echoes them and does not read them. */
export const Ext = Json
  .refine(isPlainObject, { message: 'must be an object', when: isFaultless })
  .refine((value) => bytesOf(value) <= EXT_BYTES_MAX, { message: `must be at most ${EXT_BYTES_MAX} bytes as JSON`, when: isFaultless })
  .meta({ id: 'Ext', type: 'object', description: `any JSON object of at most ${EXT_BYTES_MAX} bytes` });
export type Ext = Readonly<Record<string, unknown>>;

function isPlainObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Values that are nested too deep must not be written as JSON, which would exhaust the stack. */
function isFaultless({ issues }: { readonly issues: readonly unknown[] }): boolean {
  return issues.length === 0;
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
