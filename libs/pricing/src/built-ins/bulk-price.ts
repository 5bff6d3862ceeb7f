import { applied, lineBuiltIn, notApplied } from './definition.ts';

interface BulkPriceParams {
  /** The price applies from this quantity on. */
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
  price({ quantity, netMinor }, { from, unitPriceMinor }, { money }) {
    if (quantity < from) {
      const needed = from - quantity;
      return notApplied(CODE, `${needed} more and each costs less`, needed);
    }
    const amountMinor = money.mulDiv(unitPriceMinor, quantity, 1) - netMinor;
    if (amountMinor >= 0) return notApplied(CODE, 'the line is as cheap already');
    return applied(CODE, amountMinor, quantity, `bulk price from ${from} units`);
  },
});
