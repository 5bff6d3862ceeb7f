import { failures } from '@aisle/std';

/** Failures of a strategy and its versions. */
export const StrategyFailure = failures('strategy', {
  /** There is no such strategy, or it has no such version. */
  missing: [
    'missing', 'there is no such strategy',
    (name: string, version?: string) => (version === undefined ? { name } : { name, version }),
  ],
  /** A version never changes: the same name and version came with another source or configuration. */
  versionTaken: [
    'conflict', 'this version exists with another source or configuration; choose another version',
    (name: string, version: string, sha256: string) => ({ name, version, sha256 }),
  ],
  /** The stored row of a version cannot be read; `reason` says why. */
  unreadable: [
    'rejected', 'the stored row of this version cannot be read; load the strategy again as another version',
    (name: string, version: string, reason: string) => ({ name, version, reason }),
  ],
  /** The rules of this revision are unknown. It is in the future, or older than the history, which begins at `since`. */
  revisionUnknown: [
    'missing', 'the rules of this revision are unknown: it is in the future, or older than the history',
    (revision: number, since: number, latest: number) => ({ revision, since, latest }),
  ],
  /** A version cannot be rolled out this way in its present `state`. */
  notReady: [
    'rejected', 'this version must be validated first, and must not be retired',
    (name: string, version: string, state: string) => ({ name, version, state }),
  ],
  /** The version is or was in force, so charged prices refer to it. */
  versionUsed: [
    'conflict', 'only a version that was never in force, in a canary or in the shadow can be deleted',
    (name: string, version: string) => ({ name, version }),
  ],
  /** No version was active before the present one. */
  nothingBefore: ['rejected', 'no earlier version to roll back to', (name: string) => ({ name })],
  /** Another change of the strategy came first. */
  changed: [
    'precondition', 'the strategy was changed in the meantime; read it again',
    (name: string, revision: number) => ({ name, revision }),
  ],
}, { separator: '-' });
