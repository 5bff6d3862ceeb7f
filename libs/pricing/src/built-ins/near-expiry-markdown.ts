import { applied, lineBuiltIn, notApplied } from './definition.ts';
import type { Lot, Rounding } from '../strategy.ts';

interface NearExpiryMarkdownParams {
  /** In ascending order of days. The first step that reaches a lot's date is its markdown. */
  readonly steps: readonly MarkdownStep[];
  readonly rounding: Rounding | undefined;
}

interface MarkdownStep {
  readonly withinDays: number;
  readonly percentHundredths: number;
}

const CODE = 'near-expiry-markdown';
const DAY_MS = 24 * 60 * 60_000;

/**
 * Marks down units whose lot expires within some days; the nearer the date, the deeper the markdown. A line takes its
 * units from its lots in order of expiry (FEFO). Units beyond its lots, and lots past their date, keep their price.
 */
export const nearExpiryMarkdown = lineBuiltIn<NearExpiryMarkdownParams>({
  read: (params) => ({
    steps: params.list('steps', (step) => ({
      withinDays: step.integer('withinDays', 0),
      percentHundredths: step.percent('percent'),
    })).sort((a, b) => a.withinDays - b.withinDays),
    rounding: params.rounding(),
  }),
  price({ quantity, netMinor, lots = [] }, { steps, rounding }, { money, now }) {
    const today = Date.parse(now.slice(0, 10));
    let unitsLeft = quantity;
    let unitsMarkedDown = 0;
    // Units times percent, so that the line is rounded once.
    let hundredthUnits = 0;
    for (const lot of [...lots].sort(firstExpiredFirst)) {
      const units = Math.min(lot.quantity, unitsLeft);
      unitsLeft -= units;
      const daysLeft = (Date.parse(lot.expiresOn) - today) / DAY_MS;
      const step = steps.find(({ withinDays }) => daysLeft >= 0 && daysLeft <= withinDays);
      if (step === undefined || units === 0) continue;
      unitsMarkedDown += units;
      hundredthUnits += units * step.percentHundredths;
    }
    if (unitsMarkedDown === 0) return notApplied(CODE, 'no unit is near its expiry date');

    const whole = quantity * 10_000;
    const left = money.mulDiv(netMinor, whole - hundredthUnits, whole, rounding);
    const message = `${unitsMarkedDown} near expiry, marked down`;
    return applied(CODE, left - netMinor, unitsMarkedDown, message);
  },
});

function firstExpiredFirst(a: Lot, b: Lot): number {
  if (a.expiresOn !== b.expiresOn) return a.expiresOn < b.expiresOn ? -1 : 1;
  return a.lot < b.lot ? -1 : 1;
}
