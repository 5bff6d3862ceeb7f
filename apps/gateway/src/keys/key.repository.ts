import { createPool } from '@aisle/persistence';
import type { AppConnection } from '@aisle/platform';
import type { Scope } from '@aisle/contracts';

/** A key as it is stored. */
export interface StoredKey {
  readonly id: string;
  readonly tenant: string;
  readonly name: string;
  /** SHA-256 of the secret. */
  readonly digest: Buffer;
  readonly scopes: readonly Scope[];
  readonly markets: readonly string[] | null;
  readonly ratePerSecond: number | null;
  readonly createdAtMs: number;
  readonly createdBy: string;
  readonly expiresAtMs: number | null;
  readonly usedAtMs: number | null;
}

/** The keys that have changed after a revision. */
export interface KeyChanges {
  /** The revision of the last change of any key. It is lower than the given one only if the database was restored. */
  readonly revision: number;
  /** Changed keys. A revoked key is among them, unless all keys are read for the first time. */
  readonly changed: readonly (StoredKey & { readonly isRevoked: boolean })[];
}

type ChangedRow = { readonly latest: number } & (KeyChanges['changed'][number] | { readonly id: null });

const COLUMNS = `id, tenant, name, digest, scopes, markets, rate_per_second AS "ratePerSecond", created_at_ms::float8 AS "createdAtMs", created_by AS "createdBy",
  expires_at_ms::float8 AS "expiresAtMs", used_at_ms::float8 AS "usedAtMs"`;

// One statement is one snapshot of the revision and the keys. Without a change it has one row, which has no key.
const CHANGES = `
  SELECT r.revision::float8 AS latest, k.* FROM key_revision r LEFT JOIN (
    SELECT ${COLUMNS}, revoked_at_ms IS NOT NULL AS "isRevoked" FROM api_key
    WHERE revision > $1 AND ($1 > 0 OR revoked_at_ms IS NULL)
  ) k ON true`;

/** Locks the revision of keys and denials, and moves it on. Changes commit in the order of their revisions. */
export const NEXT_REVISION = 'UPDATE key_revision SET revision = revision + 1 RETURNING revision';

// Creations at the same moment may exceed the bound by their number.
const INSERT = `
  WITH next AS (${NEXT_REVISION}),
       live AS (SELECT count(*) AS count FROM api_key, next WHERE revoked_at_ms IS NULL AND (expires_at_ms IS NULL OR expires_at_ms > $6))
  INSERT INTO api_key (id, tenant, name, digest, scopes, created_at_ms, markets, created_by, expires_at_ms, rate_per_second, revision)
  SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, next.revision FROM next, live WHERE live.count < $11`;

const REVOKE = `
  WITH next AS (${NEXT_REVISION})
  UPDATE api_key SET revoked_at_ms = $3, revoked_by = $4, revision = next.revision FROM next
  WHERE id = $1 AND ($2::text IS NULL OR tenant = $2) AND revoked_at_ms IS NULL`;

const PAGE = `
  SELECT ${COLUMNS} FROM api_key WHERE revoked_at_ms IS NULL AND ($1::text IS NULL OR tenant = $1) AND id > $2 ORDER BY id LIMIT $3`;

const READ = `SELECT ${COLUMNS} FROM api_key WHERE revoked_at_ms IS NULL AND ($1::text IS NULL OR tenant = $1) AND id = $2`;

const USED = `
  UPDATE api_key SET used_at_ms = greatest(used_at_ms, used.at_ms)
  FROM unnest($1::text[], $2::bigint[]) AS used (id, at_ms) WHERE api_key.id = used.id`;

/** A request that waits longer than this for the keys is refused. */
const WITHIN_MS = 1_000;

/** API keys in PostgreSQL. A `tenant` of undefined stands for all tenants. The pool connects with the first statement. */
export class KeyRepository {
  /** Of its own, so that many changes do not delay the reading of them. */
  private readonly changes: ReturnType<typeof createPool>;
  private readonly pool: ReturnType<typeof createPool>;

  constructor(connection: AppConnection) {
    this.changes = createPool({ ...connection, poolMax: 1, statementTimeoutMs: WITHIN_MS, connectTimeoutMs: WITHIN_MS });
    this.pool = createPool({ ...connection, poolMax: 2 });
  }

  async changesAfter(revision: number): Promise<KeyChanges> {
    const { rows } = await this.changes.query<ChangedRow>(CHANGES, [revision]);
    const changed = rows.filter((row): row is Extract<ChangedRow, { id: string }> => row.id !== null);
    return { revision: rows[0]?.latest ?? 0, changed };
  }

  /** Stores a new key. Resolves with false if `liveMax` keys are valid already. */
  async insert({ id, tenant, name, digest, scopes, createdAtMs, markets, ratePerSecond, createdBy, expiresAtMs }: StoredKey, liveMax: number): Promise<boolean> {
    const { rowCount } = await this.pool.query(INSERT, [
      id, tenant, name, digest, scopes, createdAtMs, markets, createdBy, expiresAtMs, ratePerSecond, liveMax,
    ]);
    return rowCount === 1;
  }

  /** Revokes a key for good. Resolves with false if there is no such key, or if it is revoked already. */
  async revoke(tenant: string | undefined, id: string, revoked: { readonly atMs: number; readonly by: string }): Promise<boolean> {
    return (await this.pool.query(REVOKE, [id, tenant ?? null, revoked.atMs, revoked.by])).rowCount === 1;
  }

  /** Up to `limit` keys that are not revoked, by id, which is the order of their creation. */
  async page(tenant: string | undefined, after: string, limit: number): Promise<StoredKey[]> {
    return (await this.pool.query<StoredKey>(PAGE, [tenant ?? null, after, limit])).rows;
  }

  async read(tenant: string | undefined, id: string): Promise<StoredKey | undefined> {
    return (await this.pool.query<StoredKey>(READ, [tenant ?? null, id])).rows[0];
  }

  /** Records the last use of keys. */
  async recordUse(used: readonly { readonly id: string; readonly atMs: number }[]): Promise<void> {
    await this.pool.query(USED, [used.map(({ id }) => id), used.map(({ atMs }) => atMs)]);
  }

  async close(): Promise<void> {
    await Promise.all([this.changes.end(), this.pool.end()]);
  }
}
