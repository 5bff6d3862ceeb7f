import { applied, lineBuiltIn, stepsPerUnit } from './definition.ts';

interface FixedOffParams {
  readonly amountMinor: number;
  readonly per: 'line' | 'unit';
}

const CODE = 'fixed-off';

/** Takes a fixed amount off the line, or off each of its units. The engine stops at zero. */
export const fixedOff = lineBuiltIn<FixedOffParams>({
  read: (params) => ({
    amountMinor: params.amount('amountMinor', 1),
    per: params.has('per') ? params.oneOf('per', ['line', 'unit']) : 'line',
  }),
  price({ quantity, unit }, { amountMinor, per }, { money }) {
    const offMinor = per === 'unit' ? money.mulDiv(amountMinor, quantity, stepsPerUnit({ unit })) : amountMinor;
    return applied(CODE, -offMinor, quantity, `a fixed amount off the ${per}`);
  },
});
