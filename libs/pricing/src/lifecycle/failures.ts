import { Failure } from '@aisle/std';

/** There is no such strategy, or it has no such version. */
export class StrategyMissing extends Failure {
  readonly kind = 'missing';
  readonly code = 'strategy.missing';
  constructor(name: string, version?: string) {
    super('there is no such strategy', version === undefined ? { name } : { name, version });
  }
}

/** A version never changes: the same name and version came with another source or configuration. */
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

/** The rules of this revision are unknown. It is in the future, or older than the history, which begins at `since`. */
export class RevisionUnknown extends Failure {
  readonly kind = 'missing';
  readonly code = 'strategy.revision-unknown';
  constructor(revision: number, since: number, latest: number) {
    super('the rules of this revision are unknown: it is in the future, or older than the history', { revision, since, latest });
  }
}

/** A version cannot be rolled out this way in its present `state`. */
export class NotReady extends Failure {
  readonly kind = 'rejected';
  readonly code = 'strategy.not-ready';
  constructor(name: string, version: string, state: string) {
    super('this version must be validated first, and must not be retired', { name, version, state });
  }
}

/** The version is or was in force, so charged prices refer to it. */
export class VersionUsed extends Failure {
  readonly kind = 'conflict';
  readonly code = 'strategy.version-used';
  constructor(name: string, version: string) {
    super('only a version that was never in force, in a canary or in the shadow can be deleted', { name, version });
  }
}

/** No version was active before the present one. */
export class NothingBefore extends Failure {
  readonly kind = 'rejected';
  readonly code = 'strategy.nothing-before';
  constructor(name: string) {
    super('no earlier version to roll back to', { name });
  }
}

/** Another change of the strategy came first. */
export class StrategyChanged extends Failure {
  readonly kind = 'precondition';
  readonly code = 'strategy.changed';
  constructor(name: string, revision: number) {
    super('the strategy was changed in the meantime; read it again', { name, revision });
  }
}
