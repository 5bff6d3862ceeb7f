import { stateOf } from './strategy-record.ts';
import type { Scope } from '../strategy.ts';
import type { StrategyRecord, Unreadable, VersionRecord, VersionState } from './strategy-record.ts';

/** A version in its public form: plain JSON, without bytes. */
export interface VersionFacts {
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
  readonly kind: 'line' | 'basket';
  readonly title?: string;
  /** The configured built-in, and its configuration. */
  readonly use?: string;
  readonly params?: unknown;
  readonly scope: Scope;
  readonly state: VersionState;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly createdBy: string;
  readonly retired?: string;
  /** The reason why it cannot be read. */
  readonly unreadable?: string;
}

/** One version in its public form. */
export function versionFacts(record: StrategyRecord, stored: VersionRecord): VersionFacts {
  const { version, sha256, meta, use, createdAtMs, createdBy, retired } = stored;
  return {
    name: record.name, version, sha256, kind: meta.kind, title: meta.title, scope: meta.scope,
    ...(use === undefined ? {} : { use, params: meta.params }),
    state: stateOf(record, version), createdAt: new Date(createdAtMs).toISOString(), createdBy,
    ...(retired === undefined ? {} : { retired }),
  };
}

/** All versions of a record in their public form, oldest first, with the known facts of unreadable ones. */
export function allVersionFacts(record: StrategyRecord): VersionFacts[] {
  const readable = record.versions.map((stored) => ({ atMs: stored.createdAtMs, facts: versionFacts(record, stored) }));
  const others = (record.unreadable ?? []).flatMap((each) => unreadableFacts(record, each));
  return [...readable, ...others].sort((a, b) => a.atMs - b.atMs).map(({ facts }) => facts);
}

function unreadableFacts(
  { name, kind }: StrategyRecord, { version, reason, facts }: Unreadable,
): { atMs: number; facts: VersionFacts }[] {
  // A version without a row is only listed in its strategy.
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
