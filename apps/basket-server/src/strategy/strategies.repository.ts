import { Announcements } from '@aisle/persistence';
import { assert, type Runtime } from '@aisle/std';
import {
  StrategyChanged, versionsInForce, type AuditEntry, type ScriptRecord, type StoredStrategies, type StrategyRecord,
  type StrategyStore, type VersionRecord, type WantedVersions,
} from '@aisle/pricing/lifecycle';
import type { DataSource, EntityManager } from 'typeorm';

interface StrategyRow {
  readonly name: string;
  /** PostgreSQL's bigint arrives as text. */
  readonly revision: string;
  readonly kind: StrategyRecord['kind'];
  readonly pointers: Omit<StrategyRecord, 'name' | 'kind' | 'revision' | 'versions'>;
}

interface VersionRow extends Omit<VersionRecord, 'createdAtMs' | 'retired'> {
  readonly name: string;
  readonly createdAtMs: string;
  readonly retired: string | null;
}

type ScriptRow = VersionRow & Pick<ScriptRecord, 'source' | 'code'>;

const POLL_MS = 500;
const CHANNEL = 'strategy_changed';
const VERSION_COLUMNS = `
  v.name, v.version, v.sha256, v.meta, v.created_at_ms AS "createdAtMs", v.created_by AS "createdBy",
  v.validated, v.retired`;
// All of a strategy's versions are of one kind.
const STRATEGY_COLUMNS = `
  s.name, s.revision, s.pointers,
  (SELECT v.meta ->> 'kind' FROM strategy_version v WHERE v.tenant = s.tenant AND v.name = s.name LIMIT 1) AS kind`;
const SCRIPT_COLUMNS = `${VERSION_COLUMNS}, v.source, v.code`;

/** A tenant's strategies in PostgreSQL. */
export class StrategiesRepository implements StrategyStore {
  constructor(
    private readonly database: DataSource,
    private readonly tenant: string,
    private readonly runtime: Runtime,
  ) {}

  /** Only the versions that are in force, or were: of the others nobody asks for a price. */
  async read(): Promise<StoredStrategies> {
    const { manager } = this.database;
    return manager.transaction('REPEATABLE READ', async (snapshot) => {
      const revision = await this.revision(snapshot);
      const rows = await snapshot.query<StrategyRow[]>(
        `SELECT ${STRATEGY_COLUMNS} FROM strategy s WHERE s.tenant = $1 ORDER BY s.name`, [this.tenant],
      );
      const versions = await snapshot.query<ScriptRow[]>(
        `SELECT ${SCRIPT_COLUMNS}
         FROM strategy_version v
         JOIN unnest($2::text[], $3::text[]) AS wanted (name, version) USING (name, version)
         WHERE v.tenant = $1 ORDER BY v.place`,
        [this.tenant, ...columns(rows.flatMap(inForce))],
      );
      return { revision, strategies: rows.map((row) => recordOf(row, versions)) };
    });
  }

  async find(name: string, wanted: WantedVersions = []): Promise<StrategyRecord | undefined> {
    return this.database.manager.transaction('REPEATABLE READ', async (snapshot) => {
      const [row] = await snapshot.query<StrategyRow[]>(
        `SELECT ${STRATEGY_COLUMNS} FROM strategy s WHERE s.tenant = $1 AND s.name = $2`, [this.tenant, name],
      );
      if (!row) return undefined;
      const versions = await snapshot.query<VersionRow[]>(
        `SELECT ${VERSION_COLUMNS} FROM strategy_version v
         WHERE v.tenant = $1 AND v.name = $2 AND ($3::text[] IS NULL OR v.version = ANY ($3)) ORDER BY v.place`,
        [this.tenant, name, wanted === 'all' ? null : [...versionsInForce(row.pointers), ...wanted]],
      );
      return recordOf(row, versions);
    });
  }

  async script(name: string, version: string): Promise<ScriptRecord | undefined> {
    const [row] = await this.database.query<ScriptRow[]>(
      `SELECT ${SCRIPT_COLUMNS} FROM strategy_version v WHERE v.tenant = $1 AND v.name = $2 AND v.version = $3`,
      [this.tenant, name, version],
    );
    return row && versionOf(row);
  }

  async save(record: StrategyRecord, entry: AuditEntry, added: readonly ScriptRecord[] = []): Promise<StrategyRecord> {
    const { name, kind: _kind, versions, revision: expected, ...pointers } = record;
    return this.database.transaction(async (manager) => {
      // Whoever changes this tenant's strategies waits here for whoever does so already.
      const [{ revision }] = await manager.query<[{ revision: string }]>(
        `INSERT INTO strategy_revision (tenant, revision) VALUES ($1, 1)
         ON CONFLICT (tenant) DO UPDATE SET revision = strategy_revision.revision + 1 RETURNING revision`,
        [this.tenant],
      );
      const [known] = await manager.query<StrategyRow[]>(
        'SELECT revision FROM strategy WHERE tenant = $1 AND name = $2', [this.tenant, name],
      );
      const found = Number(known?.revision ?? 0);
      if (found !== expected) throw new StrategyChanged(name, found);
      await manager.query(
        `INSERT INTO strategy (tenant, name, revision, pointers) VALUES ($1, $2, $3, $4)
         ON CONFLICT (tenant, name) DO UPDATE SET revision = $3, pointers = $4`,
        [this.tenant, name, revision, JSON.stringify(pointers)],
      );
      await this.saveVersions(manager, name, versions, added);
      await this.insertEntry(manager, entry);
      // Heard when this commits, and not if it does not.
      await manager.query('SELECT pg_notify($1, $2)', [CHANNEL, this.tenant]);
      return { ...record, revision: Number(revision) };
    });
  }

  note(entry: AuditEntry): Promise<void> {
    return this.insertEntry(this.database.manager, entry);
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

  /** Looks when a change is announced, and twice a second besides; a look that fails is made up for by the next. */
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
        const revision = await this.revision(this.database.manager).catch(() => seen);
        if (seen !== revision) tell();
        seen = revision;
      } while (isDue);
      looks = false;
    };
    const announcements = new Announcements(this.database, CHANNEL, (tenant) => {
      if (tenant !== this.tenant) return;
      isDue = true;
      void look();
    });
    const listen = async (): Promise<void> => {
      if (await announcements.listen()) await look();
    };
    void listen();
    const timer = this.runtime.timers.every(POLL_MS, () => {
      void listen();
      void look();
    }, { background: true });
    return () => {
      tell = () => undefined;
      timer.cancel();
      void announcements.close();
    };
  }

  private async revision(manager: EntityManager): Promise<number> {
    const [row] = await manager.query<{ revision: string }[]>(
      'SELECT revision FROM strategy_revision WHERE tenant = $1', [this.tenant],
    );
    return Number(row?.revision ?? 0);
  }

  /** A version's bytes are written once; what can change of it is whether it may be used. */
  private async saveVersions(
    manager: EntityManager, name: string, versions: readonly VersionRecord[], added: readonly ScriptRecord[],
  ): Promise<void> {
    const kept = await manager.query<Pick<VersionRow, 'version' | 'validated' | 'retired'>[]>(
      `SELECT version, validated, retired FROM strategy_version
       WHERE tenant = $1 AND name = $2 AND version = ANY ($3)`,
      [this.tenant, name, versions.map(({ version }) => version)],
    );
    const known = new Map(kept.map((row) => [row.version, row]));
    for (const each of versions) {
      const before = known.get(each.version);
      if (before && before.validated === each.validated && before.retired === (each.retired ?? null)) continue;
      if (before) {
        await manager.query(
          'UPDATE strategy_version SET validated = $4, retired = $5 WHERE tenant = $1 AND name = $2 AND version = $3',
          [this.tenant, name, each.version, each.validated, each.retired ?? null],
        );
        continue;
      }
      const script = added.find(({ version }) => version === each.version);
      assert(script, 'a version is saved with its bytes');
      await manager.query(
        `INSERT INTO strategy_version
           (tenant, name, version, sha256, source, code, meta, created_at_ms, created_by, validated, retired)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
        [
          this.tenant, name, each.version, each.sha256, script.source, script.code, JSON.stringify(each.meta),
          each.createdAtMs, each.createdBy, each.validated, each.retired ?? null,
        ],
      );
    }
  }

  private async insertEntry(manager: EntityManager, entry: AuditEntry): Promise<void> {
    await manager.query(
      `INSERT INTO strategy_audit (tenant, name, id, at_ms, by_whom, action, version, details)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [this.tenant, entry.name, entry.id, entry.atMs, entry.by, entry.action, entry.version, JSON.stringify(entry.details)],
    );
  }
}

function inForce({ name, pointers }: StrategyRow): (readonly [name: string, version: string])[] {
  return versionsInForce(pointers).map((version) => [name, version]);
}

function columns(pairs: readonly (readonly [string, string])[]): [string[], string[]] {
  return [pairs.map(([name]) => name), pairs.map(([, version]) => version)];
}

function recordOf<Row extends VersionRow>({ name, kind, revision, pointers }: StrategyRow, rows: readonly Row[]) {
  const versions = rows.filter((row) => row.name === name).map((row) => versionOf(row));
  return { ...pointers, name, kind, revision: Number(revision), versions };
}

function versionOf<Row extends VersionRow>({ name: _name, createdAtMs, retired, ...rest }: Row) {
  return { ...rest, createdAtMs: Number(createdAtMs), ...(retired === null ? {} : { retired }) };
}
