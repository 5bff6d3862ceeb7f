import { applied, lineBuiltIn, notApplied, stepsPerUnit } from './definition.ts';
import type { Skip } from '../strategy.ts';

interface BuyNGetMParams {
  /** Units to pay for in each set. */
  readonly buy: number;
  /** Free units in each set. */
  readonly free: number;
}

const CODE = 'buy-n-get-m';

/** Of every complete set of `buy + free` units, the last `free` cost nothing. Goods by measure have no units to give away. */
export const buyNGetM = lineBuiltIn<BuyNGetMParams>({
  read: (params) => ({ buy: params.integer('buy', 1), free: params.integer('free', 1) }),
  price({ quantity, netMinor, unit }, { buy, free }, { money }) {
    if (stepsPerUnit({ unit }) > 1) return notApplied(CODE, 'only for goods that are sold by the piece');
    const begun = quantity % (buy + free);
    const freeUnits = ((quantity - begun) / (buy + free)) * free + Math.max(0, begun - buy);
    const hint = begun === 0 ? undefined : hintOf(begun >= buy ? 1 : buy - begun + 1);
    if (freeUnits === 0 && hint) return notApplied(CODE, hint.reason, hint.unitsNeeded);

    const amountMinor = -money.mulDiv(netMinor, freeUnits, quantity);
    const message = `buy ${buy}, get ${free} free: ${freeUnits} free`;
    return applied(CODE, amountMinor, freeUnits, message, hint ? [hint] : []);
  },
});

function hintOf(unitsNeeded: number): Skip {
  const reason = unitsNeeded === 1
    ? 'one more and it is free'
    : `${unitsNeeded} more and the last is free`;
  return { code: CODE, reason, unitsNeeded };
}
