import { failures } from '@aisle/std';

/** Failures of money arithmetic. */
export const MoneyFailure = failures('money', {
  /** An amount left the range in which a JavaScript number is exact (2^53 - 1 minor units). */
  tooLarge: ['rejected', 'amount is too large to be exact', (operation: string) => ({ operation, maxMinor: Number.MAX_SAFE_INTEGER })],
  /** Money arithmetic got an operand that is not an integer of its domain. */
  operand: [
    'invalid', 'an operand of money arithmetic is not a safe integer in its range',
    (operand: string, expected: string) => ({ operand, expected }),
  ],
}, { separator: '-' });

/** Failures of pricing. */
export const PricingFailure = failures('pricing', {
  /** A rule set, a meta or the parameters of a built-in are wrong. `problems` names every fault. */
  rules: ['invalid', 'pricing rules are not valid', (problems: readonly string[]) => ({ problems })],
  /** The item to be priced, or its context, is malformed. */
  input: ['invalid', 'input of pricing is not valid', (field: string, expected: string) => ({ field, expected })],
  /** A script has to be asked first: use `askLines` and `askBasket`. */
  notAnswered: [
    'unavailable', 'a script has to answer before this has a price; use askLines and askBasket',
    (strategy: string, version: string) => ({ strategy, version }),
  ],
}, { separator: '-' });
