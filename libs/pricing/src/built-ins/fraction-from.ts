import { applied, inUnits, lineBuiltIn, notApplied, stepsPerUnit } from './definition.ts';
import type { Rounding } from '../strategy.ts';

interface FractionFromParams {
  /** The fraction applies from this many whole units on. */
  readonly from: number;
  /** All units cost `numerator / denominator` of their price. */
  readonly numerator: number;
  readonly denominator: number;
  readonly rounding: Rounding | undefined;
}

const CODE = 'fraction-from';

/** From a quantity on, the line costs a fraction of its price, rounded once for the whole line. */
export const fractionFrom = lineBuiltIn<FractionFromParams>({
  read(params) {
    const numerator = params.integer('numerator', 0);
    const denominator = params.integer('denominator', 1);
    if (numerator > denominator) params.refuse('numerator', 'at most the denominator', 0);
    return { from: params.integer('from', 1), numerator, denominator, rounding: params.rounding() };
  },
  price({ quantity, netMinor, unit }, { from, numerator, denominator, rounding }, { money }) {
    const needed = from * stepsPerUnit({ unit }) - quantity;
    if (needed > 0) return notApplied(CODE, `${inUnits(needed, { unit })} more and all cost less`, needed);
    const amountMinor = money.mulDiv(netMinor, numerator, denominator, rounding) - netMinor;
    const message = `all at ${numerator}/${denominator} from ${from} units`;
    return applied(CODE, amountMinor, quantity, message);
  },
});
