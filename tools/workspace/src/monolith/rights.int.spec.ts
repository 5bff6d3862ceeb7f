import 'reflect-metadata';
import { createPool, migrate, prepareDatabase } from '@aisle/persistence';
import { testDatabase, type TestDatabase } from '@aisle/persistence/testing';
import { appSchemas } from './schemas.ts';

/** Append-only tables: audit, ledger, messages and so on. */
const APPEND_ONLY: Readonly<Record<string, readonly string[]>> = {
  'basket-server': [
    'basket.strategy_audit', 'basket.strategy_history', 'basket.strategy_version', 'basket.snapshot', 'basket.journal',
  ],
  'basket-manager': ['basket.strategy_audit', 'basket.strategy_history', 'basket.strategy_version'],
  market: ['market.journal', 'market.snapshot', 'market.movement', 'market.reservation', 'market.lot', 'market.product', 'market.market'],
  orders: ['orders.order_history'],
  inventory: ['inventory.ledger_entry', 'inventory.ledger_line', 'inventory.stock_movement'],
  'producer-consumer': ['producer_consumer.consumer_message'],
};
/** The schemas of single apps; `events` belongs to all. */
const OWN = new Map(appSchemas.map(({ name, schemas }) =>
  [name, schemas.filter(({ schema, migrations }) => migrations.length > 0 && schema !== 'events').map(({ schema }) => schema)]));
/** Changeable columns of an append-only table. */
const CHANGING = new Set(['validated', 'validated_revision', 'retired', 'retired_revision']);

interface Column {
  readonly schema: string;
  readonly table: string;
  readonly column: string;
}

describe('the role of each app', () => {
  const apps = appSchemas.map(({ name }) => name);
  const clients = new Map<string, Connection>();
  let database: TestDatabase;
  let columns: readonly Column[];

  beforeAll(async () => {
    database = await testDatabase();
    for (const { name, schemas } of appSchemas) {
      const urls = { adminUrl: database.adminUrl, appUrl: urlOf(name) };
      for (const schema of schemas) {
        await prepareDatabase({ ...urls, ...schema });
        await migrate({ ...urls, ...schema });
      }
      clients.set(name, connect(urlOf(name)));
    }
    const admin = connect(adminUrl());
    columns = (await admin.query<Column>(`
      SELECT table_schema AS schema, table_name AS table, column_name AS column FROM information_schema.columns
      WHERE is_identity = 'NO' AND table_schema = ANY ($1)`, [[...[...OWN.values()].flat(), 'events']])).rows;
    await admin.end();
  });
  afterAll(async () => {
    await Promise.all([...clients.values()].map((client) => client.end()));
    await database.drop();
    const admin = connect(database.adminUrl);
    for (const app of apps) await admin.query(`DROP ROLE "${roleOf(app)}"`);
    await admin.end();
  });

  it.each(Object.entries(APPEND_ONLY).flatMap(([app, tables]) => tables.map((table) => ({ app, table }))))(
    'of $app rewrites nothing in $table', async ({ app, table }) => {
      const fixed = columns.filter((one) => `${one.schema}.${one.table}` === table && !CHANGING.has(one.column));
      expect(fixed).not.toEqual([]);

      for (const { column } of fixed) expect(await refusal(app, `UPDATE ${table} SET "${column}" = "${column}"`)).toBe('42501');
      expect(await refusal(app, `DELETE FROM ${table}`)).toBe('42501');
      expect(await refusal(app, `TRUNCATE ${table}`)).toBe('42501');
      expect(await refusal(app, `SELECT 1 FROM ${table}`)).toBe('done');
    },
  );

  it.each(apps)('of %s reads nothing in the schema of another app, except granted tables', async (app) => {
    const given: Partial<Record<string, string[]>> = {
      'basket-manager': [
        'basket.node_lease', 'basket.placement', 'basket.shard_lease', 'market.node_lease', 'market.placement', 'market.shard_lease',
        'basket.strategy', 'basket.strategy_audit', 'basket.strategy_history', 'basket.strategy_revision', 'basket.strategy_version',
      ],
    };
    const foreign = tables().filter((table) => ![...(OWN.get(app) ?? []), 'events'].includes(table.split('.')[0] ?? ''));

    const read: string[] = [];
    for (const table of foreign) if ((await refusal(app, `SELECT 1 FROM ${table}`)) === 'done') read.push(table);

    expect(read.sort()).toEqual([...(given[app] ?? [])].sort());
  });

  it.each(apps)('of %s changes no table, no role and no migration', async (app) => {
    const schema = OWN.get(app)?.[0] ?? 'basket';
    for (const statement of [
      `CREATE TABLE ${schema}.mine (id int)`, `ALTER TABLE ${schema}.migrations ADD COLUMN x int`, `DELETE FROM ${schema}.migrations`,
      'CREATE SCHEMA mine', 'CREATE ROLE mine', 'CREATE TEMP TABLE mine (id int)', 'SET ROLE aisle_owner', 'SET ROLE aisle_maintenance',
      `SELECT pg_read_file('/etc/passwd')`, `COPY (SELECT 1) TO PROGRAM 'id'`,
    ]) expect([statement, await refusal(app, statement)]).toEqual([statement, '42501']);
  });

  it('of a producer of events touches no dead letter, and no app touches the seal', async () => {
    expect(await refusal('market', 'SELECT 1 FROM events.dead_letter')).toBe('42501');
    expect(await refusal('market', 'UPDATE events.checkpoint SET position = 9')).toBe('42501');
    expect(await refusal('market', 'UPDATE events.checkpoint SET wants_rewind = false WHERE false')).toBe('done');
    expect(await refusal('basket-server', 'DELETE FROM events.checkpoint')).toBe('42501');
    for (const app of ['market', 'orders', 'inventory', 'basket-server']) {
      expect(await refusal(app, `UPDATE events.seal SET secret = ''`)).toBe('42501');
    }
    for (const app of ['basket-manager', 'producer-consumer']) expect(await refusal(app, 'SELECT 1 FROM events.seal')).toBe('42501');
  });

  it('has some right in every table, so that none is left over', async () => {
    const unread: string[] = [];
    for (const table of tables()) {
      const outcomes = await Promise.all(apps.map((app) => refusal(app, `SELECT 1 FROM ${table} LIMIT 0`)));
      if (!outcomes.includes('done')) unread.push(table);
    }

    expect(unread.filter((table) => !table.endsWith('.migrations')).sort()).toEqual(LEFT_OVER);
  });

  function tables(): string[] {
    return [...new Set(columns.map(({ schema, table }) => `${schema}.${table}`))];
  }

  /** `done`, or the SQLSTATE of the refusal. The statement is rolled back. */
  async function refusal(app: string, statement: string): Promise<string> {
    const client = clients.get(app) as Connection;
    await client.query('BEGIN');
    try {
      await client.query(statement);
      return 'done';
    } catch (error) {
      return (error as { code: string }).code;
    } finally {
      await client.query('ROLLBACK');
    }
  }

  function roleOf(app: string): string {
    return `${new URL(database.appUrl).username}_${appSchemas.findIndex(({ name }) => name === app)}`;
  }

  function urlOf(app: string): string {
    const url = new URL(database.appUrl);
    url.username = roleOf(app);
    return url.toString();
  }

  function adminUrl(): string {
    const url = new URL(database.adminUrl);
    url.pathname = new URL(database.appUrl).pathname;
    return url.toString();
  }
});

/** `clusterMigrations` creates all its tables wherever one of them is needed. */
const LEFT_OVER = ['basket.cluster_name', 'market.cluster_name', 'producer_consumer.placement'];

type Connection = ReturnType<typeof createPool>;

/** One connection, so that a transaction is rolled back on the same one. */
function connect(url: string): Connection {
  return createPool({ url, schema: 'public', applicationName: 'test', poolMax: 1 });
}
