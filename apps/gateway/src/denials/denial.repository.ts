import type { DenialKind } from '@aisle/contracts';
import { createPool } from '@aisle/persistence';
import type { AppConnection } from '@aisle/platform';
import { NEXT_REVISION } from '../keys/key.repository.ts';

/** A token or a user of a tenant. */
export interface DenialKey {
  readonly tenant: string;
  readonly kind: DenialKind;
  readonly id: string;
}

/** A denial as it is stored. */
export interface StoredDenial extends DenialKey {
  readonly createdAtMs: number;
  readonly createdBy: string;
  readonly expiresAtMs: number | null;
}

/** A denial that was created, renewed or deleted. */
export type DenialChange = StoredDenial & { readonly isDeleted: boolean };

const COLUMNS = `tenant, kind, id, created_at_ms::float8 AS "createdAtMs", created_by AS "createdBy", expires_at_ms::float8 AS "expiresAtMs"`;

const CHANGES = `
  SELECT ${COLUMNS}, ended_at_ms IS NOT NULL AS "isDeleted" FROM denial WHERE revision > $1 AND ($1 > 0 OR ended_at_ms IS NULL)`;

// Creations at the same moment may exceed the bound by their number.
const PUT = `
  WITH next AS (${NEXT_REVISION}),
       live AS (
         SELECT count(*) AS count FROM denial, next
         WHERE ended_at_ms IS NULL AND (expires_at_ms IS NULL OR expires_at_ms > $4) AND (tenant, kind, id) <> ($1, $2, $3)
       )
  INSERT INTO denial (tenant, kind, id, created_at_ms, created_by, expires_at_ms, revision)
  SELECT $1, $2, $3, $4, $5, $6, next.revision FROM next, live WHERE live.count < $7
  ON CONFLICT (tenant, kind, id) DO UPDATE SET created_at_ms = excluded.created_at_ms, created_by = excluded.created_by,
    expires_at_ms = excluded.expires_at_ms, ended_at_ms = NULL, ended_by = NULL, revision = excluded.revision`;

const DELETE = `
  WITH next AS (${NEXT_REVISION})
  UPDATE denial SET ended_at_ms = $4, ended_by = $5, revision = next.revision FROM next
  WHERE tenant = $1 AND kind = $2 AND id = $3 AND ended_at_ms IS NULL`;

const PAGE = `
  SELECT ${COLUMNS} FROM denial
  WHERE tenant = $1 AND ended_at_ms IS NULL AND (expires_at_ms IS NULL OR expires_at_ms > $2) AND (kind, id) > ($3, $4)
  ORDER BY kind, id LIMIT $5`;

/** A request that waits longer than this for the denials is refused. */
const WITHIN_MS = 1_000;

/** Denials in PostgreSQL. The pool connects with the first statement. */
export class DenialRepository {
  private readonly pool: ReturnType<typeof createPool>;

  constructor(connection: AppConnection) {
    this.pool = createPool({ ...connection, poolMax: 1, statementTimeoutMs: WITHIN_MS, connectTimeoutMs: WITHIN_MS });
  }

  /** Denials that have changed after a revision of the keys. After revision 0, deleted ones are left out. */
  async changesAfter(revision: number): Promise<DenialChange[]> {
    return (await this.pool.query<DenialChange>(CHANGES, [revision])).rows;
  }

  /** Stores a denial in place of an earlier one. Resolves with false if there are `liveMax` others already. */
  async put({ tenant, kind, id, createdAtMs, createdBy, expiresAtMs }: StoredDenial, liveMax: number): Promise<boolean> {
    return (await this.pool.query(PUT, [tenant, kind, id, createdAtMs, createdBy, expiresAtMs, liveMax])).rowCount === 1;
  }

  /** Ends a denial. Resolves with false if there is none. */
  async delete({ tenant, kind, id }: DenialKey, ended: { readonly atMs: number; readonly by: string }): Promise<boolean> {
    return (await this.pool.query(DELETE, [tenant, kind, id, ended.atMs, ended.by])).rowCount === 1;
  }

  /** Up to `limit` denials of a tenant that have not ended, by kind and id. */
  async page(tenant: string, after: Pick<DenialKey, 'id'> & { readonly kind: string }, nowMs: number, limit: number): Promise<StoredDenial[]> {
    return (await this.pool.query<StoredDenial>(PAGE, [tenant, nowMs, after.kind, after.id, limit])).rows;
  }

  async close(): Promise<void> {
    await this.pool.end();
  }
}
