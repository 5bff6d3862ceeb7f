import { codeKey, codeOf } from '../product/product-code.ts';
import { unitFacts, stepsOf, type Unit } from '../product/unit.ts';
import { BarcodeFailure } from './barcode-failures.ts';
import type { LabelPattern } from './label-pattern.ts';
import { readCode, type Scan } from './scan.ts';
import type { TradeMeasure } from './trade-item.ts';

/** The market in which codes are scanned, by its products of a type. */
export interface CodedShelf<Product> {
  /** Its label patterns, in order. */
  readonly labels?: readonly LabelPattern[] | undefined;
  /** Its business day. */
  readonly today: string;
  /** The product of a `codeKey`. */
  productOf(key: string): Product | undefined;
}

/** The product of a scanned code. */
export interface ScannedGoods<Product> {
  readonly scan: Scan;
  readonly product: Product;
  /** The quantity that the code says, in pieces or in steps of the product's unit. */
  readonly quantity?: number;
}

/**
 * Finds the product of a scanned code, and the quantity that the code says. Throws the failures of `readCode`, and `barcode.unknown`,
 * `barcode.expired`, `barcode.priced`, `barcode.between_steps` and `barcode.other_measure`.
 */
export function scannedGoods<Product extends { readonly sku: string; readonly unit?: Unit | undefined }>(
  code: string, { labels = [], today, productOf }: CodedShelf<Product>,
): ScannedGoods<Product> {
  const scan = readCode(code, { patterns: labels, today });
  const product = productOf(codeKey(codeOf(scan)));
  if (!product) throw BarcodeFailure.unknown(code);
  const { sku, unit } = product;
  const lastDay = lastDayOf(scan);
  if (lastDay !== undefined && lastDay < today) throw BarcodeFailure.expired(code, sku, lastDay);
  if (('price' in scan && scan.price) || ('priceMinor' in scan && scan.priceMinor !== undefined)) throw BarcodeFailure.priced(code, sku);
  const quantity = quantityIn(code, scan, sku, unit);
  return { scan, product, ...(quantity === undefined ? {} : { quantity }) };
}

/** The last day on which the goods may be sold. A best-before date is no such day. */
function lastDayOf(scan: Scan): string | undefined {
  if (scan.kind !== 'gtin') return undefined;
  const days = [scan.expiresOn, scan.sellBy].filter((day) => day !== undefined);
  return days.length === 0 ? undefined : days.sort()[0];
}

function quantityIn(code: string, scan: Scan, sku: string, unit: Unit | undefined): number | undefined {
  if (scan.kind === 'plu') return undefined;
  if (scan.kind === 'item') return scan.quantity && stepsIn(code, sku, stepsOf(scan.quantity, unit ?? { code: 'C62', scale: 0 }));
  // The measure of a piece does not change its price, and a count says nothing about weighed goods.
  if (unit === undefined || unitFacts(unit.code).dimension === 'count') {
    return scan.count === undefined ? undefined : stepsIn(code, sku, stepsOf({ digits: scan.count, decimals: 0 }, unit ?? { code: 'C62', scale: 0 }));
  }
  return scan.measure && stepsIn(code, sku, convertedSteps(code, sku, scan.measure, unit));
}

function stepsIn(code: string, sku: string, steps: number | undefined): number {
  if (steps === undefined || steps < 1) throw BarcodeFailure.betweenSteps(code, sku);
  return steps;
}

/** A measure in the steps of another unit of its dimension; undefined if it lies between two steps. */
function convertedSteps(code: string, sku: string, { digits, decimals, unit: given }: TradeMeasure, unit: Unit): number | undefined {
  const [from, to] = [unitFacts(given), unitFacts(unit.code)];
  if (from.dimension !== to.dimension) throw BarcodeFailure.otherMeasure(code, sku);
  const numerator = BigInt(digits) * BigInt(from.size) * 10n ** BigInt(unit.scale);
  const denominator = BigInt(to.size) * 10n ** BigInt(decimals);
  return numerator % denominator === 0n ? Number(numerator / denominator) : undefined;
}
