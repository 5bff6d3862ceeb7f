import { BarcodeFailure } from './barcode-failures.ts';
import { isUri, readDigitalLink } from './digital-link.ts';
import { isMarkedElementString, readElementString } from './element-string.ts';
import { gtinOf, hasGtinForm } from './gtin.ts';
import { readLabel, type LabelContent, type LabelPattern } from './label-pattern.ts';
import { SCAN_CHARACTERS_MAX } from './scanned-code.ts';
import { tradeItemOf, type TradeItem } from './trade-item.ts';

/** The content of a scanned code. */
export type Scan =
  | ({ readonly kind: 'gtin' } & TradeItem)
  | ({ readonly kind: 'item'; readonly gtin: string } & LabelContent)
  | { readonly kind: 'plu'; readonly plu: string };

/** The market in which a code is scanned. */
export interface ScanContext {
  /** Its label patterns, in order. */
  readonly patterns: readonly LabelPattern[];
  /** The business day, which decides the century of dates. */
  readonly today: string;
}

// A PLU of the IFPS has 4 digits, or 5.
const PLU = /^[0-9]{4,5}$/;
const ELEMENTS_WITH_GTIN = /^0[12][0-9]{14}/;

/**
 * Reads a scanned code: a PLU, a GTIN, a shop's own label, a GS1 element string or a Digital Link. A label that fits a pattern of the
 * market is an item, and any other number of 8, 12, 13 or 14 digits is a GTIN. Throws a `BarcodeFailure`.
 */
export function readCode(code: string, { patterns, today }: ScanContext): Scan {
  if (code.length > SCAN_CHARACTERS_MAX) {
    throw BarcodeFailure.unreadable(code.slice(0, 32), `the code has more than ${SCAN_CHARACTERS_MAX} characters`);
  }
  if (PLU.test(code)) return { kind: 'plu', plu: code };
  if (hasGtinForm(code)) {
    const gtin = gtinOf(code);
    const label = readLabel(gtin, patterns);
    return label ? { kind: 'item', gtin, ...label } : { kind: 'gtin', gtin };
  }
  if (isUri(code)) return { kind: 'gtin', ...tradeItemOf(code, readDigitalLink(code), today) };
  if (isMarkedElementString(code) || ELEMENTS_WITH_GTIN.test(code)) {
    return { kind: 'gtin', ...tradeItemOf(code, readElementString(code), today) };
  }
  throw BarcodeFailure.unreadable(code, 'must be a PLU, a GTIN, a GS1 element string or a GS1 Digital Link');
}
