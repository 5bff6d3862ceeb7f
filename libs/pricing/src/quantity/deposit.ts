import { failures } from '@aisle/std';

/** Failures of lines with deposits. */
export const DepositFailure = failures('deposit', {
  unknown: ['rejected', 'the deposit of a product is no product of the market', (sku: string, deposit: string) => ({ sku, deposit })],
  /** A quantity below 0 takes something back at the till. Only deposits are taken back so. */
  notReturnable: ['rejected', 'only a deposit may have a quantity below 0', (sku: string) => ({ sku })],
  fraction: ['rejected', 'a deposit is charged for whole pieces, so its product must be counted in pieces', (sku: string) => ({ sku })],
});

/** A line of goods, with the facts of its product. */
export interface DepositingLine {
  /** The line's id, by which its deposit is linked to it. */
  readonly line: string;
  readonly sku: string;
  /** Pieces, or steps of a unit. */
  readonly quantity: number;
  readonly isByPiece: boolean;
  readonly depositSku?: string | undefined;
}

/** The line of a deposit, which follows the quantity of its line of goods. */
export interface DepositLine {
  readonly of: string;
  readonly sku: string;
  readonly quantity: number;
}

/**
 * The deposits of lines, one line each, in their order. A deposit has no deposit of its own. Throws `deposit.unknown`, and
 * `deposit.fraction` for a product that is not counted in pieces.
 */
export function depositsOf(lines: readonly DepositingLine[], isProduct: (sku: string) => boolean): readonly DepositLine[] {
  return lines.flatMap(({ line, sku, quantity, isByPiece, depositSku }) => {
    if (depositSku === undefined || quantity === 0) return [];
    if (!isProduct(depositSku)) throw DepositFailure.unknown(sku, depositSku);
    if (!isByPiece) throw DepositFailure.fraction(sku);
    return [{ of: line, sku: depositSku, quantity }];
  });
}

/** Refuses quantities below 0 of products that are nobody's deposit. Throws `deposit.not_returnable`. */
export function checkReturnable(sku: string, quantity: number, isDeposit: boolean): void {
  if (quantity < 0 && !isDeposit) throw DepositFailure.notReturnable(sku);
}
