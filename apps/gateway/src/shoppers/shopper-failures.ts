import { failures } from '@aisle/std';

/** Failures of issuing shoppers' tokens. */
export const ShopperFailure = failures('token', {
  notIssued: ['conflict', 'this system issues no tokens, because SHOPPER_TOKEN_KEYS is not configured'],
});
