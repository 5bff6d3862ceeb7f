import { stateOf } from './strategy-record.ts';
import type { Scope } from '../strategy.ts';
import type { StrategyRecord, Unreadable, VersionRecord, VersionState } from './strategy-record.ts';

/** A version as it is shown: plain JSON, without bytes. */
export interface VersionFacts {
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
  readonly kind: 'line' | 'basket';
  readonly title?: string;
  /** The built-in that it configures, and how. */
  readonly use?: string;
  readonly params?: unknown;
  readonly scope: Scope;
  readonly state: VersionState;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly createdBy: string;
  readonly retired?: string;
  /** Why it cannot be read. */
  readonly unreadable?: string;
}

/** One version as it is shown. */
export function versionFacts(record: StrategyRecord, stored: VersionRecord): VersionFacts {
  const { version, sha256, meta, use, createdAtMs, createdBy, retired } = stored;
  return {
    name: record.name, version, sha256, kind: meta.kind, title: meta.title, scope: meta.scope,
    ...(use === undefined ? {} : { use, params: meta.params }),
    state: stateOf(record, version), createdAt: new Date(createdAtMs).toISOString(), createdBy,
    ...(retired === undefined ? {} : { retired }),
  };
}

/** All versions of a record as they are shown, oldest first, with the known facts of those that cannot be read. */
export function allVersionFacts(record: StrategyRecord): VersionFacts[] {
  const readable = record.versions.map((stored) => ({ atMs: stored.createdAtMs, facts: versionFacts(record, stored) }));
  const others = (record.unreadable ?? []).flatMap((each) => unreadableFacts(record, each));
  return [...readable, ...others].sort((a, b) => a.atMs - b.atMs).map(({ facts }) => facts);
}

function unreadableFacts(
  { name, kind }: StrategyRecord, { version, reason, facts }: Unreadable,
): { atMs: number; facts: VersionFacts }[] {
  // A version without a row is named in its strategy only.
  if (version === null || facts === undefined) return [];
  const { sha256, createdAtMs, createdBy } = facts;
  return [{
    atMs: createdAtMs,
    facts: {
      name, version, sha256, kind, scope: {}, state: 'unreadable', createdAt: new Date(createdAtMs).toISOString(), createdBy,
      unreadable: reason,
    },
  }];
}
