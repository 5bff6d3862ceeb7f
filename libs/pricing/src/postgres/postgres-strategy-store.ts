import { assert, type Runtime } from '@aisle/std';
import { StrategyFailure } from '../lifecycle/failures.ts';
import { versionsInForce } from '../lifecycle/strategy-record.ts';
import { readRow, recordOf, versionOf, wantedOf } from './strategy-rows.ts';
import type { AuditEntry, StoredVersion, StrategyRecord, VersionRecord } from '../lifecycle/strategy-record.ts';
import type { ListedStrategies, StoredStrategies, StrategyStore, WantedVersions } from '../lifecycle/strategy-store.ts';
import type { Ear, Queries, StrategyDatabase } from './database.ts';
import type { StrategyRow, VersionRow, WholeRow } from './strategy-rows.ts';

/** The dependencies of `PostgresStrategyStore`. */
export interface PostgresStrategyStoreOptions {
  readonly database: StrategyDatabase;
  readonly tenant: string;
  readonly runtime: Runtime;
  /** Listens on a channel of the same database, for `watch`. */
  readonly ear: (channel: string, onHeard: (payload: string | undefined) => void) => Ear;
}

type RevisionRow = { readonly storeRevision: string | null; readonly since: string | null };

const POLL_MS = 500;
const CHANNEL = 'strategy_changed';
/** A change that hangs between two statements is cut off after this time, so that others can go on. */
const HANGS_MAX_MS = 1_000;
const PRESENT = Number.MAX_SAFE_INTEGER;

// One statement is one snapshot of the revision and the strategies. A tenant without strategies has one row.
const STRATEGIES = `
  SELECT r.revision AS "storeRevision", s.name, s.kind, s.revision, s.pointers::text AS pointers
  FROM (SELECT $1::text AS tenant) t
  LEFT JOIN strategy_revision r USING (tenant) LEFT JOIN strategy s USING (tenant) ORDER BY s.name`;
const STRATEGIES_AT = `
  SELECT r.revision AS "storeRevision", r.history_since AS since, h.name, s.kind, h.revision, h.pointers::text AS pointers
  FROM (SELECT $1::text AS tenant) t
  LEFT JOIN strategy_revision r USING (tenant)
  LEFT JOIN LATERAL (
    SELECT DISTINCT ON (name) name, revision, pointers FROM strategy_history
    WHERE tenant = $1 AND revision <= $2 ORDER BY name, revision DESC
  ) h ON true
  LEFT JOIN strategy s ON s.tenant = $1 AND s.name = h.name ORDER BY h.name`;
// `validated` and `retired` are those of the revision $2.
const VERSION = `
  v.name, v.version, v.sha256, v.use, v.meta::text AS meta, v.created_at_ms AS "createdAtMs", v.created_by AS "createdBy",
  v.validated AND v.validated_revision <= $2 AS validated, CASE WHEN v.retired_revision <= $2 THEN v.retired END AS retired`;
const WHOLE = `${VERSION}, v.source, v.code`;
const IN_FORCE = `(v.name, v.version) IN (SELECT * FROM unnest($3::text[], $4::text[]))`;
// Candidates for unreadable rows: texts that PostgreSQL cannot decode, and other contracts. They are checked one by
// one.
const SUSPECT = `v.meta::text ~* '\\\\u(0000|d[89a-f][0-9a-f]{2})' OR v.meta::text !~ '"contract"\\s*:\\s*1\\M'`;

/** A tenant's strategies in PostgreSQL. */
export class PostgresStrategyStore implements StrategyStore {
  private readonly database: StrategyDatabase;
  private readonly tenant: string;
  private readonly runtime: Runtime;
  private readonly ear: PostgresStrategyStoreOptions['ear'];

  constructor({ database, tenant, runtime, ear }: PostgresStrategyStoreOptions) {
    this.database = database;
    this.tenant = tenant;
    this.runtime = runtime;
    this.ear = ear;
  }

  /** Reads only the versions that are or were in force: others are never asked for a price. */
  async read(): Promise<StoredStrategies> {
    const rows = await this.database.query<(StrategyRow & RevisionRow)[]>(STRATEGIES, [this.tenant]);
    return this.whole(rows, Number(rows[0]?.storeRevision ?? 0));
  }

  async readAt(revision: number): Promise<StoredStrategies> {
    const asked = Number.isSafeInteger(revision) ? revision : -1;
    const rows = await this.database.query<(StrategyRow & RevisionRow)[]>(STRATEGIES_AT, [this.tenant, asked]);
    const [since, latest] = [Number(rows[0]?.since ?? 0), Number(rows[0]?.storeRevision ?? 0)];
    if (asked < since || asked > latest) throw StrategyFailure.revisionUnknown(revision, since, latest);
    return this.whole(rows, revision);
  }

  async list(): Promise<ListedStrategies> {
    const rows = await this.database.query<(StrategyRow & RevisionRow)[]>(STRATEGIES, [this.tenant]);
    const read = rows.filter(({ name }) => name !== null).map(readRow);
    const versions = await this.database.query<VersionRow[]>(
      `SELECT ${VERSION} FROM strategy_version v WHERE v.tenant = $1 AND (${IN_FORCE} OR ${SUSPECT}) ORDER BY v.place`,
      [this.tenant, PRESENT, ...wantedOf(read)],
    );
    return {
      revision: Number(rows[0]?.storeRevision ?? 0),
      strategies: read.map((each) => recordOf(each, versions.filter(({ name }) => name === each.row.name))),
    };
  }

  async find(name: string, wanted: WantedVersions = []): Promise<StrategyRecord | undefined> {
    const [row] = await this.database.query<StrategyRow[]>(
      'SELECT name, kind, revision, pointers::text AS pointers FROM strategy WHERE tenant = $1 AND name = $2', [this.tenant, name],
    );
    if (!row) return undefined;
    const read = readRow(row);
    const versions = await this.database.query<VersionRow[]>(
      `SELECT ${VERSION} FROM strategy_version v
       WHERE v.tenant = $1 AND v.name = $3 AND ($4::text[] IS NULL OR v.version = ANY ($4)) ORDER BY v.place`,
      [this.tenant, PRESENT, name, wanted === 'all' ? null : [...versionsInForce(read.pointers), ...wanted]],
    );
    return recordOf(read, versions);
  }

  async version(name: string, version: string): Promise<StoredVersion | undefined> {
    const [row] = await this.database.query<(WholeRow & Pick<StrategyRow, 'kind'>)[]>(
      `SELECT ${WHOLE}, s.kind FROM strategy_version v JOIN strategy s USING (tenant, name)
       WHERE v.tenant = $1 AND v.name = $3 AND v.version = $4`,
      [this.tenant, PRESENT, name, version],
    );
    if (!row) return undefined;
    const stored = versionOf(row, row.kind);
    if (!('meta' in stored)) throw StrategyFailure.unreadable(name, version, stored.reason);
    return stored as StoredVersion;
  }

  async save(record: StrategyRecord, entry: AuditEntry, added: readonly StoredVersion[] = []): Promise<StrategyRecord> {
    const { name, kind, versions, revision: expected, unreadable: _unreadable, ...pointers } = record;
    return this.database.transaction(async (queries) => {
      const { revision, found } = await this.begin(queries, name);
      if (found !== expected) throw StrategyFailure.changed(name, found);
      await queries.query(
        `INSERT INTO strategy (tenant, name, kind, revision, pointers) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (tenant, name) DO UPDATE SET revision = $4, pointers = $5`,
        [this.tenant, name, kind, revision, JSON.stringify(pointers)],
      );
      await queries.query(
        'INSERT INTO strategy_history (tenant, name, revision, pointers) VALUES ($1, $2, $3, $4)',
        [this.tenant, name, revision, JSON.stringify(pointers)],
      );
      await this.saveVersions(queries, { name, revision, versions, added });
      await this.insertEntry(queries, entry);
      // Announced when this transaction commits, and only then.
      await queries.query('SELECT pg_notify($1, $2)', [CHANNEL, this.tenant]);
      return { ...record, revision: Number(revision) };
    });
  }

  async remove(name: string, version: string, expected: number, entry: AuditEntry): Promise<void> {
    await this.database.transaction(async (queries) => {
      const { revision, found } = await this.begin(queries, name);
      if (found !== expected) throw StrategyFailure.changed(name, found);
      const [{ removed }] = await queries.query<[{ removed: string }]>(
        'SELECT strategy_remove_version($1, $2, $3) AS removed', [this.tenant, name, version],
      );
      if (removed === 'missing') throw StrategyFailure.missing(name, version);
      if (removed === 'used') throw StrategyFailure.versionUsed(name, version);
      // A new revision, so that a change decided on the earlier state is refused.
      await queries.query('UPDATE strategy SET revision = $3 WHERE tenant = $1 AND name = $2', [this.tenant, name, revision]);
      await queries.query(
        `INSERT INTO strategy_history (tenant, name, revision, pointers)
         SELECT tenant, name, revision, pointers FROM strategy WHERE tenant = $1 AND name = $2`,
        [this.tenant, name],
      );
      await this.insertEntry(queries, entry);
      await queries.query('SELECT pg_notify($1, $2)', [CHANNEL, this.tenant]);
    });
  }

  note(entry: AuditEntry): Promise<void> {
    return this.insertEntry(this.database, entry);
  }

  async knows(name: string, id: string): Promise<boolean> {
    const rows = await this.database.query<unknown[]>(
      'SELECT 1 FROM strategy_audit WHERE tenant = $1 AND name = $2 AND id = $3 LIMIT 1', [this.tenant, name, id],
    );
    return rows.length > 0;
  }

  async audit(name: string, limit: number): Promise<readonly AuditEntry[]> {
    const rows = await this.database.query<(Omit<AuditEntry, 'atMs'> & { atMs: string })[]>(
      `SELECT id, at_ms AS "atMs", by_whom AS "by", name, action, version, details FROM strategy_audit
       WHERE tenant = $1 AND name = $2 ORDER BY place DESC LIMIT $3`,
      [this.tenant, name, limit],
    );
    return rows.map((row) => ({ ...row, atMs: Number(row.atMs) }));
  }

  /** Checks when a change is announced, and twice a second besides. The next check makes up for a failed one. */
  watch(changed: () => void): () => void {
    let tell = changed;
    let seen: number | undefined;
    let looks = false;
    let isDue = false;
    const look = async (): Promise<void> => {
      if (looks) return;
      looks = true;
      do {
        isDue = false;
        const revision = await this.revision().catch(() => seen);
        if (seen !== revision) tell();
        seen = revision;
      } while (isDue);
      looks = false;
    };
    const ear = this.ear(CHANNEL, (tenant) => {
      if (tenant !== this.tenant) return;
      isDue = true;
      void look();
    });
    const listen = async (): Promise<void> => {
      if (await ear.listen()) await look();
    };
    void listen();
    const timer = this.runtime.timers.every(POLL_MS, () => {
      void listen();
      void look();
    }, { background: true });
    return () => {
      tell = () => undefined;
      timer.cancel();
      void ear.close();
    };
  }

  /** The next revision of the tenant, and the strategy's own, locked until the transaction ends. */
  private async begin(queries: Queries, name: string): Promise<{ revision: string; found: number }> {
    await queries.query(`SET LOCAL idle_in_transaction_session_timeout = ${HANGS_MAX_MS}`);
    // Other changes of this tenant's strategies wait here.
    const [{ revision }] = await queries.query<[{ revision: string }]>(
      `INSERT INTO strategy_revision (tenant, revision) VALUES ($1, 1)
       ON CONFLICT (tenant) DO UPDATE SET revision = strategy_revision.revision + 1 RETURNING revision`,
      [this.tenant],
    );
    const [known] = await queries.query<StrategyRow[]>(
      'SELECT revision FROM strategy WHERE tenant = $1 AND name = $2', [this.tenant, name],
    );
    return { revision, found: Number(known?.revision ?? 0) };
  }

  private async whole(rows: readonly StrategyRow[], revision: number): Promise<StoredStrategies> {
    // A row without kind belongs to a deleted strategy, of which no version was ever in force. Its history stays.
    const read = rows.filter(({ name, kind }) => name !== null && kind !== null).map(readRow);
    const versions = await this.database.query<WholeRow[]>(
      `SELECT ${WHOLE} FROM strategy_version v WHERE v.tenant = $1 AND ${IN_FORCE} ORDER BY v.place`,
      [this.tenant, revision, ...wantedOf(read)],
    );
    return {
      revision,
      strategies: read.map((each) => recordOf(each, versions.filter(({ name }) => name === each.row.name))),
    };
  }

  private async revision(): Promise<number> {
    const [row] = await this.database.query<{ revision: string }[]>(
      'SELECT revision FROM strategy_revision WHERE tenant = $1', [this.tenant],
    );
    return Number(row?.revision ?? 0);
  }

  /** A version's bytes are written once; only its usability changes. */
  private async saveVersions(
    queries: Queries,
    { name, revision, versions, added }: {
      name: string; revision: string; versions: readonly VersionRecord[]; added: readonly StoredVersion[];
    },
  ): Promise<void> {
    const kept = await queries.query<Pick<VersionRow, 'version' | 'validated' | 'retired'>[]>(
      `SELECT version, validated, retired FROM strategy_version
       WHERE tenant = $1 AND name = $2 AND version = ANY ($3)`,
      [this.tenant, name, versions.map(({ version }) => version)],
    );
    const known = new Map(kept.map((row) => [row.version, row]));
    for (const each of versions) {
      const before = known.get(each.version);
      const retired = each.retired ?? null;
      if (before && before.validated === each.validated && before.retired === retired) continue;
      if (before) {
        await queries.query(
          `UPDATE strategy_version SET
             validated_revision = CASE WHEN validated = $4 THEN validated_revision ELSE $6 END, validated = $4,
             retired_revision = CASE WHEN retired IS NOT DISTINCT FROM $5 THEN retired_revision ELSE $6 END, retired = $5
           WHERE tenant = $1 AND name = $2 AND version = $3`,
          [this.tenant, name, each.version, each.validated, retired, revision],
        );
        continue;
      }
      const stored = added.find(({ version }) => version === each.version);
      assert(stored, 'a version is saved with its bytes');
      await queries.query(
        `INSERT INTO strategy_version
           (tenant, name, version, sha256, source, code, use, meta, created_at_ms, created_by, validated, retired,
            validated_revision, retired_revision)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13)`,
        [
          this.tenant, name, each.version, each.sha256, stored.use === undefined ? stored.source : null,
          stored.use === undefined ? stored.code : null, stored.use ?? null, JSON.stringify(each.meta),
          each.createdAtMs, each.createdBy, each.validated, retired, revision,
        ],
      );
    }
  }

  private async insertEntry(queries: Queries, entry: AuditEntry): Promise<void> {
    await queries.query(
      `INSERT INTO strategy_audit (tenant, name, id, at_ms, by_whom, action, version, details)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [this.tenant, entry.name, entry.id, entry.atMs, entry.by, entry.action, entry.version, JSON.stringify(entry.details)],
    );
  }
}
