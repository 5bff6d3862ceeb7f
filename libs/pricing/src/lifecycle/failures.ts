import { Failure } from '@aisle/std';

/** There is no such strategy, or no such version of it. */
export class StrategyMissing extends Failure {
  readonly kind = 'missing';
  readonly code = 'strategy.missing';
  constructor(name: string, version?: string) {
    super('there is no such strategy', version === undefined ? { name } : { name, version });
  }
}

/** A version is its bytes: the same name and version came with others. */
export class VersionTaken extends Failure {
  readonly kind = 'conflict';
  readonly code = 'strategy.version-taken';
  constructor(name: string, version: string, sha256: string) {
    super('this version exists with another source', { name, version, sha256 });
  }
}

/** A version cannot go where it is sent; `state` is where it is. */
export class NotReady extends Failure {
  readonly kind = 'rejected';
  readonly code = 'strategy.not-ready';
  constructor(name: string, version: string, state: string) {
    super('this version has to be validated first, and not be retired', { name, version, state });
  }
}

/** Nothing was active before what is. */
export class NothingBefore extends Failure {
  readonly kind = 'rejected';
  readonly code = 'strategy.nothing-before';
  constructor(name: string) {
    super('there is nothing to roll back to', { name });
  }
}

/** Somebody else changed the strategy meanwhile. */
export class StrategyChanged extends Failure {
  readonly kind = 'precondition';
  readonly code = 'strategy.changed';
  constructor(name: string, revision: number) {
    super('the strategy was changed meanwhile', { name, revision });
  }
}
