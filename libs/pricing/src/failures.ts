import { Failure } from '@aisle/std';

/** An amount left the range in which a JavaScript number is exact (2^53 - 1 minor units). */
export class AmountTooLarge extends Failure {
  readonly kind = 'rejected';
  readonly code = 'money.too-large';
  constructor(operation: string) {
    super('amount is too large to be exact', { operation, maxMinor: Number.MAX_SAFE_INTEGER });
  }
}

/** Money arithmetic got an operand that is not an integer of its domain. */
export class InvalidOperand extends Failure {
  readonly kind = 'invalid';
  readonly code = 'money.operand';
  constructor(operand: string, expected: string) {
    super('an operand of money arithmetic is not a safe integer in its range', { operand, expected });
  }
}

/** A rule set, a meta or the parameters of a built-in are wrong. `problems` names every fault. */
export class InvalidRules extends Failure {
  readonly kind = 'invalid';
  readonly code = 'pricing.rules';
  constructor(problems: readonly string[]) {
    super('pricing rules are not valid', { problems });
  }
}

/** The item to be priced, or its context, is malformed. */
export class InvalidInput extends Failure {
  readonly kind = 'invalid';
  readonly code = 'pricing.input';
  constructor(field: string, expected: string) {
    super('input of pricing is not valid', { field, expected });
  }
}

/** A script has to be asked first: use `askLines` and `askBasket`. */
export class NotAnswered extends Failure {
  readonly kind = 'unavailable';
  readonly code = 'pricing.not-answered';
  constructor(strategy: string, version: string) {
    super('a script has to answer before this has a price; use askLines and askBasket', { strategy, version });
  }
}
