import { z } from 'zod';
import { gtinOf } from '../barcode/gtin.ts';
import type { Scan } from '../barcode/scan.ts';

/** A code of a product. A PLU and an item number are declared as such, since their digits alone do not tell them from others. */
export const ProductCode = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('gtin').meta({ description: 'a GTIN' }),
      value: z.string().regex(/^[0-9]{8}$|^[0-9]{12,14}$/, 'must be a GTIN of 8, 12, 13 or 14 digits').meta({ description: 'its 8, 12, 13 or 14 digits' }),
    }),
    z.strictObject({ kind: z.literal('plu').meta({ description: 'a price look-up number' }), value: z.string().regex(/^[0-9]{4,5}$/, 'must be a PLU of 4 or 5 digits').meta({ description: 'its 4 or 5 digits' }) }),
    z.strictObject({ kind: z.literal('item').meta({ description: 'an item number' }), value: z.string().regex(/^[0-9]{1,12}$/, 'must be the 1 to 12 digits of an item number in labels').meta({ description: 'its 1 to 12 digits' }) }),
  ])
  .meta({
    id: 'ProductCode',
    description: 'gtin: a GTIN-8, 12, 13 or 14; plu: a price look-up number; item: the item number in the labels of the shop\'s own scales',
  });
export type ProductCode = z.infer<typeof ProductCode>;

/**
 * A code in the form in which it is unique in its market: a GTIN has 14 digits. Throws `barcode.check_digit`, which names the right
 * digit.
 */
export function normalCode({ kind, value }: ProductCode): ProductCode {
  return kind === 'gtin' ? { kind, value: gtinOf(value) } : { kind, value };
}

/** The text by which a market finds the product of a code. Normalise the code first. */
export function codeKey({ kind, value }: ProductCode): string {
  return `${kind}:${value}`;
}

/** The code by which a scan finds its product. */
export function codeOf(scan: Scan): ProductCode {
  switch (scan.kind) {
    case 'plu': return { kind: 'plu', value: scan.plu };
    case 'item': return { kind: 'item', value: scan.item };
    case 'gtin': return { kind: 'gtin', value: scan.gtin };
  }
}
