import { applied, inUnits, lineBuiltIn, notApplied, stepsPerUnit } from './definition.ts';

interface BulkPriceParams {
  /** The price applies from this many whole units on. */
  readonly from: number;
  /** The price of each unit. */
  readonly unitPriceMinor: number;
}

const CODE = 'bulk-price';

/** From a quantity on, every unit has a lower price. A line that is cheaper already keeps its price. */
export const bulkPrice = lineBuiltIn<BulkPriceParams>({
  read: (params) => ({
    from: params.integer('from', 1),
    unitPriceMinor: params.amount('unitPriceMinor', 0),
  }),
  price({ quantity, netMinor, unit }, { from, unitPriceMinor }, { money }) {
    const perUnit = stepsPerUnit({ unit });
    const needed = from * perUnit - quantity;
    if (needed > 0) return notApplied(CODE, `${inUnits(needed, { unit })} more and each costs less`, needed);
    const amountMinor = money.mulDiv(unitPriceMinor, quantity, perUnit) - netMinor;
    if (amountMinor >= 0) return notApplied(CODE, 'the line is as cheap already');
    return applied(CODE, amountMinor, quantity, `bulk price from ${from} units`);
  },
});
