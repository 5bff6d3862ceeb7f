import { ensureInfra } from '@aisle/dev';
import { sleep, systemRuntime } from '@aisle/std';
import { eventually } from '@aisle/std/testing';
import type { Pool } from 'pg';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { DataSource, MigrationInterface, QueryRunner } from 'typeorm';
import { administer } from './administer.ts';
import { Announcements, createDataSource, createPool, migrate, prepareDatabase, unavailableReason } from './index.ts';
import type { DatabaseUrls, MigrationClass } from './index.ts';
import { testDatabase } from './testing/index.ts';
import type { TestDatabase } from './testing/index.ts';

describe('A prepared and migrated database', () => {
  let database: TestDatabase;
  let vault: DatabaseUrls;
  let dataSource: DataSource;

  beforeAll(async () => {
    database = await testDatabase({ schema: 'shop', migrations: [CreateShelf1700000000001] });
    // Another app's schema in the same database, with that app's own role.
    vault = { adminUrl: database.adminUrl, appUrl: withRole(database.appUrl, `${roleOf(database)}_vault`) };
    await prepareDatabase({ ...vault, schema: 'vault' });
    await migrate({ ...vault, schema: 'vault', migrations: [CreateShelf1700000000001] });
    dataSource = await createDataSource({
      url: database.appUrl, schema: 'shop', entities: [ShelfRow], poolMax: 2, applicationName: 'shop-1',
    });
  });

  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
    await administer(database.adminUrl, 'server', (admin) => admin.query(`DROP ROLE ${roleOf(vault)}`));
  });

  it('lets the app read and write rows', async () => {
    const shelves = dataSource.getRepository(ShelfRow);

    await shelves.save({ id: 'a', label: 'tea' });

    expect(await shelves.findOneBy({ id: 'a' })).toEqual({ id: 'a', label: 'tea' });
  });

  it.each([
    ['create a table', 'CREATE TABLE other (id text)'],
    ['change a table', 'ALTER TABLE shelf ADD COLUMN extra text'],
    ['drop a table', 'DROP TABLE shelf'],
    ['create a schema', 'CREATE SCHEMA mine'],
    ['create a function', `CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'`],
    ['create a table in public', 'CREATE TABLE public.other (id text)'],
    ['create a temporary table', 'CREATE TEMPORARY TABLE other (id text)'],
    ['pretend that a migration has run', `INSERT INTO migrations VALUES (9, 9, 'x')`],
    ['become the owner', 'SET ROLE aisle_owner'],
    ['become the maintenance role', 'SET ROLE aisle_maintenance'],
    ['read another schema', 'SELECT * FROM vault.shelf'],
    ['write to another schema', `INSERT INTO vault.shelf VALUES ('a', 'b')`],
  ])('does not let the app %s', async (_what, statement) => {
    await expect(dataSource.query(statement)).rejects.toMatchObject({
      code: expect.stringMatching(/^(42501|42P07)$/) as string,
    });
  });

  it('runs a migration once, even when several processes migrate at the same time', async () => {
    const ask = { ...database, schema: 'shop', migrations: [CreateShelf1700000000001, AddTill1700000000002] };

    const ran = await Promise.all([migrate(ask), migrate(ask), migrate(ask)]);

    expect(ran.flat()).toEqual(['AddTill1700000000002']);
  });

  it('can be prepared again, by several processes at once', async () => {
    const again = { ...database, schema: 'shop' };

    await Promise.all([prepareDatabase(again), prepareDatabase(again), prepareDatabase(again)]);

    expect(await dataSource.query('SELECT count(*)::int AS n FROM shelf')).toEqual([{ n: 1 }]);
  });

  it('rolls a failed migration back, and runs it at the next attempt', async () => {
    const ask = (last: MigrationClass) => ({ ...vault, schema: 'vault', migrations: [CreateShelf1700000000001, last] });
    await expect(migrate(ask(failing))).rejects.toMatchObject({ code: '22012' });

    expect(await migrate(ask(AddTill1700000000002))).toEqual(['AddTill1700000000002']);
  });

  it('sets name, search path and time limits on each connection', async () => {
    const pool = createPool({
      url: database.appUrl, schema: 'shop', poolMax: 1, applicationName: 'shop-1', statementTimeoutMs: 50,
    });

    const { rows } = await pool.query(`
      SELECT current_setting('application_name') AS name, current_schema() AS schema,
             current_setting('statement_timeout') AS statement, current_setting('lock_timeout') AS lock,
             current_setting('idle_in_transaction_session_timeout') AS idle`);

    expect(rows).toEqual([{ name: 'shop-1', schema: 'shop', statement: '50ms', lock: '3s', idle: '50ms' }]);
    await expect(pool.query('SELECT pg_sleep(30)')).rejects.toMatchObject({ code: '57014' });
    await pool.end();
  });

  it('finds rows by their keys in a table that nobody has analysed', async () => {
    const pool = createPool({ url: database.appUrl, schema: 'shop', poolMax: 1, applicationName: 'shop-1' });

    const { rows } = await pool.query<{ 'QUERY PLAN': string }>(`
      EXPLAIN UPDATE shelf SET label = given.label
      FROM json_to_recordset('[]') AS given (id text, label text) WHERE shelf.id = given.id`);

    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    expect(plan).toContain('Index Scan using shelf_pkey');
    expect(plan).not.toMatch(/Seq Scan|Hash/);
    await pool.end();
  });

  it('replaces a connection of the pool that the server has cut', async () => {
    const lost: string[] = [];
    const pool = createPool({
      url: database.appUrl, schema: 'shop', poolMax: 1, applicationName: 'shop-cut',
      onConnectionLost: (error) => lost.push(error.message),
    });
    await pool.query('SELECT 1');

    await administer(database.adminUrl, 'server', (admin) => admin.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'shop-cut'`));
    await eventually(() => lost.length === 1);

    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await pool.end();
  });

  it('handles the error event of every checked-out connection, including the first', async () => {
    const { master } = dataSource.driver as unknown as { readonly master: Pool };
    const client = await master.connect();
    const listeners = client.listenerCount('error');
    client.release();

    // Without a listener, the event would end the process.
    expect(listeners).toBeGreaterThan(0);
  });

  it('reports a connection cut in the middle of a transaction as unavailable, whichever error TypeORM throws', async () => {
    const reasons = new Set<string | undefined>();
    for (const pauseMs of [0, 100]) {
      const cut = dataSource.transaction(async (manager) => {
        const [{ pid }] = await manager.query<[{ pid: number }]>('SELECT pg_backend_pid() AS pid');
        await administer(database.adminUrl, 'server', (admin) => admin.query('SELECT pg_terminate_backend($1)', [pid]));
        await sleep(systemRuntime, pauseMs);
        await manager.query('SELECT 1');
      });
      reasons.add(unavailableReason(await cut.catch((error: unknown) => error)));
    }

    expect(reasons).not.toContain(undefined);
  });

  it('delivers notifications of commits, and again after the server cut the connection', async () => {
    const heard: (string | undefined)[] = [];
    const announcements = new Announcements(dataSource, 'shelf_changed', (payload) => heard.push(payload));
    const announce = (payload: string) => dataSource.query('SELECT pg_notify($1, $2)', ['shelf_changed', payload]);

    const first = [await announcements.listen(), await announcements.listen()];
    await announce('tea');
    await eventually(() => expect(heard).toEqual(['tea']));
    await administer(database.adminUrl, 'server', (admin) => admin.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND application_name = 'shop-1'`));
    await eventually(async () => expect(await announcements.listen()).toBe(true));
    await announce('milk');
    await eventually(() => expect(heard).toEqual(['tea', 'milk']));
    await announcements.close();
    await announce('bread');

    expect(first).toEqual([true, false]);
    expect(heard).toEqual(['tea', 'milk']);
  });
});

describe('A database that cannot be used', () => {
  it('is unavailable, and the failure has its address but never the password', async () => {
    const url = 'postgres://shop:s3cret@127.0.0.1:1/shop';
    const attempts = [
      () => createDataSource({ url, schema: 'shop', entities: [], poolMax: 1, applicationName: 'shop-1' }),
      () => migrate({ adminUrl: url, appUrl: url, schema: 'shop', migrations: [] }),
      () => prepareDatabase({ adminUrl: url.replace('shop:', 'admin:'), appUrl: url, schema: 'shop' }),
    ];

    for (const attempt of attempts) {
      const failure = await attempt().catch((error: unknown) => error);

      expect(failure).toMatchObject({
        kind: 'unavailable',
        code: 'database.unavailable',
        message: 'PostgreSQL at 127.0.0.1:1 is unavailable',
        details: { host: '127.0.0.1', port: 1, database: 'shop', reason: 'ECONNREFUSED' },
      });
      expect(JSON.stringify(failure)).not.toContain('s3cret');
    }
  });

  it('is not prepared for an app whose role is its owner or a superuser', async () => {
    const { adminDatabaseUrl: adminUrl } = await ensureInfra();

    for (const appUrl of [adminUrl, withRole(adminUrl, 'aisle_owner')]) {
      await expect(prepareDatabase({ adminUrl, appUrl, schema: 'shop' })).rejects.toMatchObject({
        kind: 'invalid', code: 'database.app_role_privileged',
      });
    }
  });

  it('is unavailable when the role or its password is wrong', async () => {
    const database = await testDatabase({ schema: 'shop', migrations: [] });

    const attempt = createDataSource({
      url: withRole(database.appUrl, 'nobody_here'), schema: 'shop', entities: [], poolMax: 1, applicationName: 'shop-1',
    });

    await expect(attempt).rejects.toMatchObject({ code: 'database.unavailable', details: { reason: expect.stringMatching(/^28/) as string } });
    await database.drop();
  });
});

@Entity({ name: 'shelf' })
class ShelfRow {
  @PrimaryColumn('text') id!: string;
  @Column('text') label!: string;
}

class CreateShelf1700000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE shelf (id text PRIMARY KEY, label text NOT NULL)');
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE shelf');
  }
}

class AddTill1700000000002 implements MigrationInterface {
  name = 'AddTill1700000000002';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE till (id text PRIMARY KEY)');
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE till');
  }
}

const failing: MigrationClass = class extends AddTill1700000000002 {
  override async up(runner: QueryRunner): Promise<void> {
    await super.up(runner);
    await runner.query('SELECT 1 / 0');
  }
};

function roleOf(urls: DatabaseUrls): string {
  return new URL(urls.appUrl).username;
}

function withRole(url: string, role: string): string {
  const other = new URL(url);
  other.username = role;
  return other.toString();
}
