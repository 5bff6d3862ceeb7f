import { ONE_PRODUCT, namesOneProduct, type ChangeBasket, type Operation } from '@aisle/contracts';
import { InputFailure } from '@aisle/platform';
import { isFailure, type Failure } from '@aisle/std';
import type { Pricer } from '../pricing/pricer.ts';

type RequestedOperations = ChangeBasket['operations'];

/** The operations of a command, whose products are known by their SKUs. */
export interface NamedOperations {
  readonly operations: readonly Operation[];
  /** The operations as requested, if codes were replaced in them. A repeated command is recognised by these. */
  readonly requested?: RequestedOperations;
  /** The failure that leaves the operations without products. It is thrown when the command is decided, after repetitions are recognised. */
  readonly refusal?: Failure;
}

/** Finds the products of scanned codes in operations. */
export function namedOperations(requested: RequestedOperations, pricer: Pick<Pricer, 'scanned'>): NamedOperations {
  if (requested.every((one) => one.op === 'clear' || (one.sku !== undefined && one.code === undefined))) {
    return { operations: requested as readonly Operation[] };
  }
  try {
    return { operations: requested.map((one, at) => (one.op === 'clear' ? one : named(one, pricer, `${at}.sku`)) as Operation), requested };
  } catch (refusal) {
    if (!isFailure(refusal)) throw refusal;
    return { operations: [], requested, refusal: refusal as Failure };
  }
}

/**
 * The same line with the SKU in place of a code. If the code says a quantity, the line's own counts how often it was scanned. Throws the
 * failures of `scannedGoods`, and `InputFailure.invalid` if the line names no product or two.
 */
export function named<T extends { readonly sku?: string | undefined; readonly code?: string | undefined; readonly quantity?: number }>(
  line: T, pricer: Pick<Pricer, 'scanned'>, path: string,
): Omit<T, 'sku' | 'code'> & { readonly sku: string } {
  const { sku, code, ...rest } = line;
  if (!namesOneProduct(line)) throw InputFailure.invalid([{ path: [path], message: ONE_PRODUCT }]);
  if (code === undefined) return { ...rest, sku: sku! };
  const { product, quantity: said } = pricer.scanned(code);
  const { quantity } = line;
  return { ...rest, sku: product.sku, ...(said === undefined || quantity === undefined ? {} : { quantity: quantity * said }) };
}
