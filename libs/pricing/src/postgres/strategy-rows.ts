import { PricingFailure } from '../failures.ts';
import { reasonOf, unreadableReason } from '../lifecycle/readable.ts';
import { versionsInForce } from '../lifecycle/strategy-record.ts';
import type { StoredVersion, StrategyRecord, Unreadable, VersionRecord } from '../lifecycle/strategy-record.ts';

// JSON columns come as text and are parsed here row by row, so that one bad row does not fail the others.

/** The row of a strategy. PostgreSQL's bigint arrives as text. */
export interface StrategyRow {
  readonly name: string;
  readonly kind: StrategyRecord['kind'];
  readonly revision: string;
  readonly pointers: string;
}

/** The row of a version. */
export interface VersionRow extends Pick<VersionRecord, 'version' | 'sha256' | 'createdBy' | 'validated'> {
  readonly name: string;
  readonly meta: string;
  readonly use: string | null;
  readonly createdAtMs: string;
  readonly retired: string | null;
}

/** The row of a version with its bytes; a built-in has none. */
export interface WholeRow extends VersionRow {
  readonly source: string | null;
  readonly code: string | null;
}

type Pointers = Pick<StrategyRecord, 'active' | 'before' | 'shadow' | 'canary'>;

/** The readable part of a strategy's row. */
export interface ReadRow {
  readonly row: StrategyRow;
  readonly pointers: Pointers;
  readonly unreadable: readonly Unreadable[];
}

export function readRow(row: StrategyRow): ReadRow {
  try {
    return { row, pointers: pointersOf(JSON.parse(row.pointers)), unreadable: [] };
  } catch (thrown) {
    // The strategy is in force nowhere. The next rollout, or `off`, rewrites the pointers.
    return { row, pointers: { before: [] }, unreadable: [{ version: null, reason: `pointers: ${reasonOf(thrown)}` }] };
  }
}

/** The versions that are or were in force, as a column of names and a column of versions. */
export function wantedOf(rows: readonly ReadRow[]): [names: string[], versions: string[]] {
  const pairs = rows.flatMap(({ row, pointers }) => versionsInForce(pointers).map((version) => [row.name, version] as const));
  return [pairs.map(([name]) => name), pairs.map(([, version]) => version)];
}

/** The record of a strategy with the given versions; unreadable ones are listed in `unreadable`. */
export function recordOf<Row extends VersionRow>(
  { row, pointers, unreadable: known }: ReadRow, rows: readonly Row[],
): StrategyRecord<Row extends WholeRow ? StoredVersion : VersionRecord> {
  const { name, kind, revision } = row;
  const versions: VersionRecord[] = [];
  const unreadable = [...known];
  for (const each of rows) {
    const version = versionOf(each, kind);
    if ('meta' in version) versions.push(version);
    else unreadable.push(version);
  }
  for (const version of versionsInForce(pointers)) {
    if (!rows.some((each) => each.version === version)) unreadable.push({ version, reason: 'it is in force or was, and is not stored' });
  }
  return {
    ...pointers, name, kind, revision: Number(revision), versions: versions as (Row extends WholeRow ? StoredVersion : VersionRecord)[],
    ...(unreadable.length === 0 ? {} : { unreadable }),
  };
}

/** The version, or the reason why it cannot be read. */
export function versionOf(row: VersionRow & Partial<WholeRow>, kind: string): VersionRecord | Unreadable {
  const { name, version, sha256, createdBy, validated } = row;
  const facts = { sha256, createdAtMs: Number(row.createdAtMs), createdBy };
  const use = row.use ?? undefined;
  let meta: unknown;
  try {
    meta = JSON.parse(row.meta);
  } catch (thrown) {
    return { version, reason: `meta: ${reasonOf(thrown)}`, facts };
  }
  const reason = unreadableReason({ name, kind, version, meta, use });
  if (reason !== undefined) return { version, reason, facts };
  return {
    version, meta: meta as VersionRecord['meta'], validated, ...facts,
    ...(use === undefined ? bytesOf(row) : { use }),
    ...(row.retired === null ? {} : { retired: row.retired }),
  };
}

function bytesOf({ source, code }: Partial<WholeRow>): object {
  return source === undefined ? {} : { source, code };
}

/** Throws `pricing.rules`, which names every fault. */
function pointersOf(value: unknown): Pointers {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw PricingFailure.rules(['expected an object']);
  const { active, shadow, canary, before } = value as { readonly [K in keyof Pointers]: unknown };
  const problems: string[] = [];
  for (const [field, version] of Object.entries({ active, shadow })) {
    if (version !== undefined && typeof version !== 'string') problems.push(`${field}: expected a version`);
  }
  if (!Array.isArray(before) || !before.every((version) => typeof version === 'string')) problems.push('before: expected versions');
  if (canary !== undefined && !isCanary(canary)) problems.push('canary: expected a version and a percentage');
  if (problems.length > 0) throw PricingFailure.rules(problems);
  return value as Pointers;
}

function isCanary(canary: unknown): boolean {
  const { version, percent } = (canary ?? {}) as { readonly version?: unknown; readonly percent?: unknown };
  return typeof version === 'string' && typeof percent === 'number' && percent > 0 && percent <= 100;
}
