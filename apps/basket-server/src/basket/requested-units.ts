import { LIMITS, type Operation } from '@aisle/contracts';
import { InputFailure } from '@aisle/platform';
import type { Shelf } from './basket.ts';

/**
 * Refuses quantities above the limit of one request. The gateway does not know the unit of a product, so its schema allows the finest
 * steps, and the answer here is the one that the schema of pieces alone would give. `pathOf` is the path of an operation's quantity.
 * Throws `InputFailure.invalid`.
 */
export function requireUnits(operations: readonly Operation[], shelf: Pick<Shelf, 'stepsPerUnit'>, pathOf: (at: number) => string): void {
  const issues = operations.flatMap((operation, at) => {
    if (operation.op !== 'add' && operation.op !== 'set') return [];
    const [least, units] = operation.op === 'add' ? [1, LIMITS.unitsPerRequest] : [0, LIMITS.unitsPerLine];
    // Most quantities are below the limit of pieces, which is the lowest.
    if (operation.quantity <= units) return [];
    const most = units * shelf.stepsPerUnit(operation.sku);
    return operation.quantity <= most ? [] : [{ path: [pathOf(at)], message: `must be a whole number from ${least} to ${most}` }];
  });
  if (issues.length > 0) throw InputFailure.invalid(issues);
}
