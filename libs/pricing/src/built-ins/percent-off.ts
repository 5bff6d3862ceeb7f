import { applied, lineBuiltIn, notApplied } from './definition.ts';
import type { Rounding } from '../strategy.ts';

interface PercentOffParams {
  readonly percentHundredths: number;
  /** The discount applies from this quantity on. */
  readonly from: number;
  readonly rounding: Rounding | undefined;
}

const CODE = 'percent-off';

/** Takes a percentage off the line. The remaining price is the one that is rounded. */
export const percentOff = lineBuiltIn<PercentOffParams>({
  read: (params) => ({
    percentHundredths: params.percent('percent'),
    from: params.has('from') ? params.integer('from', 1) : 1,
    rounding: params.rounding(),
  }),
  price({ quantity, netMinor }, { percentHundredths, from, rounding }, { money }) {
    const message = `${percentHundredths / 100} % off`;
    if (quantity < from) {
      const needed = from - quantity;
      return notApplied(CODE, `${needed} more for ${message}`, needed);
    }
    const left = money.mulDiv(netMinor, 10_000 - percentHundredths, 10_000, rounding);
    return applied(CODE, left - netMinor, quantity, message);
  },
});
