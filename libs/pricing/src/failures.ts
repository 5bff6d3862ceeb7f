import { Failure } from '@aisle/std';

/** An amount left the range in which a JavaScript number is exact (2^53 - 1 minor units). */
export class AmountTooLarge extends Failure {
  readonly kind = 'rejected';
  readonly code = 'money.too-large';
  constructor(operation: string) {
    super('amount is too large to be exact', { operation, maxMinor: Number.MAX_SAFE_INTEGER });
  }
}

/** Money arithmetic was handed something other than the integers it is defined on. */
export class InvalidOperand extends Failure {
  readonly kind = 'invalid';
  readonly code = 'money.operand';
  constructor(operand: string, expected: string) {
    super('operand of money arithmetic is not valid', { operand, expected });
  }
}

/** A rule set, a meta or a built-in's parameters are wrong; `problems` names everything. */
export class InvalidRules extends Failure {
  readonly kind = 'invalid';
  readonly code = 'pricing.rules';
  constructor(problems: readonly string[]) {
    super('pricing rules are not valid', { problems });
  }
}

/** What is to be priced, or the context it is priced in, is not well formed. */
export class InvalidInput extends Failure {
  readonly kind = 'invalid';
  readonly code = 'pricing.input';
  constructor(field: string, expected: string) {
    super('input of pricing is not valid', { field, expected });
  }
}

/** A script has to be asked first: `askLines` and `askBasket` do. */
export class NotAnswered extends Failure {
  readonly kind = 'unavailable';
  readonly code = 'pricing.not-answered';
  constructor(strategy: string, version: string) {
    super('a strategy has to be asked before this has a price', { strategy, version });
  }
}
