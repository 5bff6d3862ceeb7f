import { applied, inUnits, lineBuiltIn, notApplied, stepsPerUnit } from './definition.ts';
import type { Rounding } from '../strategy.ts';

interface PercentOffParams {
  readonly percentHundredths: number;
  /** The discount applies from this many whole units on; from 1, the default, to any quantity. */
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
  price({ quantity, netMinor, unit }, { percentHundredths, from, rounding }, { money }) {
    const message = `${percentHundredths / 100} % off`;
    const needed = from === 1 ? 0 : from * stepsPerUnit({ unit }) - quantity;
    if (needed > 0) return notApplied(CODE, `${inUnits(needed, { unit })} more for ${message}`, needed);
    const left = money.mulDiv(netMinor, 10_000 - percentHundredths, 10_000, rounding);
    return applied(CODE, left - netMinor, quantity, message);
  },
});
