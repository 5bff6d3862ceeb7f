import { basketBuiltIn, notApplied } from './definition.ts';

interface SpendXSaveYParams {
  readonly spendMinor: number;
  readonly saveMinor: number;
  /** Once for every multiple of `spendMinor`, not once a basket. */
  readonly repeat: boolean;
  /** Only for baskets that hold this coupon. */
  readonly coupon: string | undefined;
}

const CODE = 'spend-x-save-y';

/** Something off once the lines in scope cost enough, after all discounts before this one. */
export const spendXSaveY = basketBuiltIn<SpendXSaveYParams>({
  read: (params) => ({
    spendMinor: params.amount('spendMinor', 1),
    saveMinor: params.amount('saveMinor', 1),
    repeat: params.has('repeat') && params.flag('repeat'),
    coupon: params.has('coupon') ? params.text('coupon') : undefined,
  }),
  price({ netMinor, coupons }, { spendMinor, saveMinor, repeat, coupon }, { money }) {
    // The coupon is not named: the answer is shown to shoppers who may not have it.
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
