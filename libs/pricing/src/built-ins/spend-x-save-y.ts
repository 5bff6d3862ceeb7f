import { basketBuiltIn, notApplied } from './definition.ts';

interface SpendXSaveYParams {
  readonly spendMinor: number;
  readonly saveMinor: number;
  /** Applies once for every multiple of `spendMinor`, and not once per basket. */
  readonly repeat: boolean;
  /** Applies only to baskets with this coupon. */
  readonly coupon: string | undefined;
}

const CODE = 'spend-x-save-y';

/** Takes an amount off once the lines in scope cost enough, after all earlier discounts. */
export const spendXSaveY = basketBuiltIn<SpendXSaveYParams>({
  read: (params) => ({
    spendMinor: params.amount('spendMinor', 1),
    saveMinor: params.amount('saveMinor', 1),
    repeat: params.has('repeat') && params.flag('repeat'),
    coupon: params.has('coupon') ? params.text('coupon') : undefined,
  }),
  price({ netMinor, coupons }, { spendMinor, saveMinor, repeat, coupon }, { money }) {
    // Do not name the coupon: shoppers without it see this answer.
    if (coupon !== undefined && !coupons.includes(coupon)) {
      return notApplied(CODE, 'needs a coupon');
    }
    const times = Math.floor(netMinor / spendMinor);
    if (times === 0) {
      return notApplied(CODE, `${spendMinor - netMinor} minor units short of the threshold`);
    }
    const applies = repeat ? times : 1;
    return {
      adjustments: [{
        code: CODE,
        amountMinor: -money.mulDiv(saveMinor, applies, 1),
        message: applies === 1 ? 'spent enough to save' : `spent enough to save ${applies} times`,
      }],
    };
  },
});
