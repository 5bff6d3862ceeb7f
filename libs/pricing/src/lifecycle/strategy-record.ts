import { PricingFailure } from '../failures.ts';
import { StrategyFailure } from './failures.ts';
import type { Json, Meta } from '../strategy.ts';

/**
 * The state of a version. `validated`: it may be rolled out, or was and has been replaced. `shadow`: computed and
 * reported, not charged. `canary`: charged to a part of the baskets. `unreadable`: its stored row cannot be read, so it
 * is in force nowhere.
 */
export type VersionState = 'draft' | 'validated' | 'shadow' | 'canary' | 'active' | 'retired' | 'unreadable';

/** A version without its bytes. */
export interface VersionRecord {
  readonly version: string;
  /** The hash of the source, or of the built-in with its whole configuration. */
  readonly sha256: string;
  /** The meta of the source, which is read once. */
  readonly meta: Meta;
  /** The configured built-in, such as `bulk-price@1`; absent for a script. */
  readonly use?: string;
  readonly createdAtMs: number;
  readonly createdBy: string;
  readonly validated: boolean;
  /** The reason why it is permanently out of service. */
  readonly retired?: string;
}

/** A version that is a script, with its immutable bytes. */
export interface ScriptRecord extends VersionRecord {
  readonly use?: never;
  readonly source: string;
  /** The compiled source, for the sandbox. */
  readonly code: string;
}

/** A version that is a configured built-in, fully described by its meta. */
export interface BuiltInRecord extends VersionRecord {
  readonly use: string;
}

/** A version with everything needed to price by it. */
export type StoredVersion = ScriptRecord | BuiltInRecord;

/** A stored row that cannot be read. It is in force nowhere, and can be switched off. */
export interface Unreadable {
  /** Null if the strategy's own row cannot be read. */
  readonly version: string | null;
  readonly reason: string;
  /** The readable columns; absent if there is no row. */
  readonly facts?: Pick<VersionRecord, 'sha256' | 'createdAtMs' | 'createdBy'>;
}

/** A strategy: its pointers to versions in force, and the versions that the caller asked for. */
export interface StrategyRecord<Version extends VersionRecord = VersionRecord> {
  readonly name: string;
  /** The kind of all its versions. */
  readonly kind: Meta['kind'];
  /** The store's revision at its last change; 0 until it is saved. */
  readonly revision: number;
  /** Oldest first; at least the versions that are or were in force. */
  readonly versions: readonly Version[];
  /** Unreadable versions; absent if there are none. */
  readonly unreadable?: readonly Unreadable[];
  readonly active?: string;
  /** The earlier active versions since the strategy was last off, latest last. A rollback activates the last one. */
  readonly before: readonly string[];
  readonly shadow?: string;
  readonly canary?: { readonly version: string; readonly percent: number };
}

/** A recorded action on a strategy, with its author. */
export interface AuditEntry {
  /** The command id. A command takes effect once, however often it comes. */
  readonly id: string;
  readonly atMs: number;
  readonly by: string;
  readonly name: string;
  readonly action:
    | 'added' | 'validated' | 'refused' | 'rolled-out' | 'rolled-back' | 'shadowed' | 'retired' | 'seeded' | 'deleted';
  readonly version: string | null;
  readonly details: Readonly<Record<string, Json>>;
}

/** A requested rollout. `off` switches the strategy off and clears the versions for a rollback. */
export type Rollout =
  | { readonly state: 'active' | 'shadow'; readonly version: string }
  | { readonly state: 'canary'; readonly version: string; readonly percent: number }
  | { readonly state: 'off' };

/** The number of versions that a rollback can reach. */
const BEFORE_MAX = 16;

/** Adds a version. The same bytes again change nothing. Throws `strategy.version-taken`, `pricing.rules`. */
export function withVersion(
  record: StrategyRecord | undefined, added: VersionRecord,
): { record: StrategyRecord; outcome: 'added' | 'unchanged' } {
  const { name, version, kind } = added.meta;
  if (record === undefined) {
    return { record: { name, kind, revision: 0, versions: [added], before: [] }, outcome: 'added' };
  }
  const known = record.versions.find((each) => each.version === version);
  if (known?.sha256 === added.sha256) return { record, outcome: 'unchanged' };
  if (known) throw StrategyFailure.versionTaken(name, version, known.sha256);
  const broken = unreadableIn(record, version);
  if (broken) throw StrategyFailure.unreadable(name, version, broken.reason);
  if (record.kind !== kind) {
    throw PricingFailure.rules([`meta.kind: expected '${record.kind}', as of the other versions`]);
  }
  return { record: { ...record, versions: [...record.versions, added] }, outcome: 'added' };
}

/** Marks a version as validated. Throws `strategy.missing`. */
export function withValidated(record: StrategyRecord, version: string): StrategyRecord {
  return withChanged(record, version, { validated: true });
}

/**
 * Throws `strategy.missing`, `strategy.not-ready`, `strategy.unreadable`, and `pricing.rules` for an invalid
 * percentage.
 */
export function withRollout(record: StrategyRecord, rollout: Rollout): StrategyRecord {
  if (rollout.state === 'off') {
    const { active: _active, shadow: _shadow, canary: _canary, ...rest } = record;
    // Only a rollout restores a version that was switched off; neither a rollback nor the failure of a successor does.
    return { ...rest, before: [] };
  }
  const { version } = rollout;
  versionOf(record, version);
  const state = stateOf(record, version);
  if (state === 'draft' || state === 'retired') throw StrategyFailure.notReady(record.name, version, state);
  const moved = withPlace(withoutPointers(record, version), rollout);
  return { ...moved, before: beforeAfter(record, moved.active) };
}

function withPlace(record: StrategyRecord, rollout: Exclude<Rollout, { state: 'off' }>): StrategyRecord {
  const { version } = rollout;
  if (rollout.state !== 'canary') return { ...record, [rollout.state]: version };
  const { percent } = rollout;
  if (!(percent > 0 && percent <= 100)) {
    throw PricingFailure.rules(['percent: expected more than 0, at most 100']);
  }
  return { ...record, canary: { version, percent } };
}

/** Moves one pointer: the previous active version becomes active. Throws `strategy.nothing-before`. */
export function withRollback(record: StrategyRecord): StrategyRecord {
  const place = record.before.findLastIndex((version) => isUsable(record, version));
  const version = record.before[place];
  if (version === undefined) throw StrategyFailure.nothingBefore(record.name);
  return { ...withoutPointers(record, version), active: version, before: record.before.slice(0, place) };
}

/** Takes a version out of service for good. The previous active version takes its place. */
export function withRetired(record: StrategyRecord, version: string, reason: string): StrategyRecord {
  const wasActive = record.active === version;
  const retired = withoutPointers(withChanged(record, version, { retired: reason }), version);
  if (!wasActive) return retired;
  try {
    return withRollback(retired);
  } catch (thrown) {
    if (StrategyFailure.nothingBefore.is(thrown)) return retired;
    throw thrown;
  }
}

/** The versions that are or were in force. */
export function versionsInForce(
  { active, before, shadow, canary }: Pick<StrategyRecord, 'active' | 'before' | 'shadow' | 'canary'>,
): readonly string[] {
  const versions = new Set([active, ...before, shadow, canary?.version]);
  return [...versions].filter((version) => version !== undefined);
}

/** The record without a version. Throws `strategy.missing`. */
export function withoutVersion<Version extends VersionRecord>(record: StrategyRecord<Version>, version: string): StrategyRecord<Version> {
  const versions = record.versions.filter((each) => each.version !== version);
  if (versions.length === record.versions.length) throw StrategyFailure.missing(record.name, version);
  return { ...record, versions };
}

/** Throws `strategy.missing`, and `strategy.unreadable` for a version that is stored and cannot be read. */
export function versionOf<Version extends VersionRecord>(record: StrategyRecord<Version>, version: string): Version {
  const known = record.versions.find((each) => each.version === version);
  if (known) return known;
  const broken = unreadableIn(record, version);
  throw broken ? StrategyFailure.unreadable(record.name, version, broken.reason) : StrategyFailure.missing(record.name, version);
}

/** Throws `strategy.missing`. */
export function stateOf(record: StrategyRecord, version: string): VersionState {
  if (unreadableIn(record, version)) return 'unreadable';
  const { retired, validated } = versionOf(record, version);
  if (retired !== undefined) return 'retired';
  if (record.active === version) return 'active';
  if (record.canary?.version === version) return 'canary';
  if (record.shadow === version) return 'shadow';
  return validated ? 'validated' : 'draft';
}

/** True if the version exists, is readable and is not retired. */
export function isUsable({ versions }: StrategyRecord, version: string): boolean {
  return versions.some((each) => each.version === version && each.retired === undefined);
}

function unreadableIn({ unreadable }: StrategyRecord, version: string): Unreadable | undefined {
  return unreadable?.find((each) => each.version === version);
}

function withChanged(
  record: StrategyRecord, version: string, change: Partial<VersionRecord>,
): StrategyRecord {
  const changed = versionOf(record, version);
  const versions = record.versions.map((each) => (each === changed ? { ...each, ...change } : each));
  return { ...record, versions };
}

/** A version has at most one place. */
function withoutPointers(record: StrategyRecord, version: string): StrategyRecord {
  const { active, shadow, canary, ...rest } = record;
  return {
    ...rest,
    ...(active === undefined || active === version ? {} : { active }),
    ...(shadow === undefined || shadow === version ? {} : { shadow }),
    ...(canary === undefined || canary.version === version ? {} : { canary }),
  };
}

// An active version is no rollback target for itself.
function beforeAfter({ active, before }: StrategyRecord, next: string | undefined): readonly string[] {
  const grown = active === undefined || active === next ? before : [...before, active];
  return (grown.at(-1) === next ? grown.slice(0, -1) : grown).slice(-BEFORE_MAX);
}
