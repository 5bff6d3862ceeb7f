import type { Queries } from '@aisle/pricing/postgres';
import type { Meta } from '@aisle/pricing';

/** Inserts a strategy's row without the checks of the store. */
export async function insertStrategy(
  database: Queries, { tenant, name, pointers }: { tenant: string; name: string; pointers: string },
): Promise<void> {
  await database.query('INSERT INTO strategy_revision (tenant, revision) VALUES ($1, 0) ON CONFLICT DO NOTHING', [tenant]);
  await database.query('INSERT INTO strategy (tenant, name, revision, pointers) VALUES ($1, $2, 0, $3)', [tenant, name, pointers]);
}

/** Inserts a version's row without the checks of the store. */
export async function insertVersion(
  database: Queries,
  { tenant, name, version, meta, use }: { tenant: string; name: string; version: string; meta: string; use?: string | undefined },
): Promise<void> {
  await database.query(
    `INSERT INTO strategy_version (tenant, name, version, sha256, source, code, use, meta, created_at_ms, created_by, validated)
     VALUES ($1, $2, $3, $4, '', '', $5, $6, 1700000000000, 'sql', true)`,
    [tenant, name, version, '0'.repeat(64), use ?? null, meta],
  );
}

export function metaOf(name: string, version: string): Meta {
  return { contract: 1, name, version, kind: 'line', title: name, scope: {}, priority: 0, stack: 'stack', tests: [] };
}
