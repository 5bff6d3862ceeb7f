import { Failure } from '@aisle/std';

/** There is no such strategy, or no such version of it. */
export class StrategyMissing extends Failure {
  readonly kind = 'missing';
  readonly code = 'strategy.missing';
  constructor(name: string, version?: string) {
    super('there is no such strategy', version === undefined ? { name } : { name, version });
  }
}

/** A version is for good: the same name and version came with another source or configuration. */
export class VersionTaken extends Failure {
  readonly kind = 'conflict';
  readonly code = 'strategy.version-taken';
  constructor(name: string, version: string, sha256: string) {
    super('this version exists with another source or configuration; choose another version', { name, version, sha256 });
  }
}

/** The stored row of a version cannot be read; `reason` says why. */
export class VersionUnreadable extends Failure {
  readonly kind = 'rejected';
  readonly code = 'strategy.unreadable';
  constructor(name: string, version: string, reason: string) {
    super('the stored row of this version cannot be read; load the strategy again as another version', { name, version, reason });
  }
}

/** The rules of this revision are not known: it is in the future, or older than the history, which begins at `since`. */
export class RevisionUnknown extends Failure {
  readonly kind = 'missing';
  readonly code = 'strategy.revision-unknown';
  constructor(revision: number, since: number, latest: number) {
    super('the rules of this revision are not known', { revision, since, latest });
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

/** The version is in force, or was: prices that were charged refer to it. */
export class VersionUsed extends Failure {
  readonly kind = 'conflict';
  readonly code = 'strategy.version-used';
  constructor(name: string, version: string) {
    super('only a version that was never in force, in a canary or in the shadow can be deleted', { name, version });
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
