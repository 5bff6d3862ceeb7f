import { Client } from 'pg';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { administer } from './administer.ts';
import { rightsRole } from './access.ts';
import { migrate, prepareDatabase } from './index.ts';
import type { Access } from './index.ts';
import { testDatabase } from './testing/index.ts';
import type { TestDatabase } from './testing/index.ts';

const MIGRATIONS = [class CreateShop1700000000001 implements MigrationInterface {
  readonly name = 'CreateShop1700000000001';
  up(runner: QueryRunner): Promise<unknown> {
    return runner.query(`
      CREATE TABLE audit (id int PRIMARY KEY, what text);
      CREATE TABLE shelf (id int PRIMARY KEY, label text, stock int NOT NULL DEFAULT 0);
      CREATE TABLE hidden (id int);
      CREATE FUNCTION allowed() RETURNS int LANGUAGE sql AS 'SELECT 1';
      CREATE FUNCTION forbidden() RETURNS int LANGUAGE sql AS 'SELECT 1'`) as Promise<unknown>;
  }

  down(runner: QueryRunner): Promise<unknown> {
    return runner.query('DROP TABLE audit, shelf, hidden; DROP FUNCTION allowed, forbidden') as Promise<unknown>;
  }
}];

const SHOP: Access = {
  app: 'test-shop',
  rights: [
    { tables: { audit: 'SELECT, INSERT' } },
    { tables: { shelf: 'SELECT, INSERT, UPDATE (stock)' }, functions: ['allowed'] },
  ],
};
const GUEST: Access = { app: 'test-guest', rights: [{ tables: { shelf: 'SELECT' } }] };

describe('the access of an app', () => {
  let database: TestDatabase;
  let guest: { adminUrl: string; appUrl: string };

  beforeAll(async () => {
    database = await testDatabase({ schema: 'shop', migrations: MIGRATIONS, access: SHOP });
    const url = new URL(database.appUrl);
    url.username = `${url.username}_g`;
    guest = { adminUrl: database.adminUrl, appUrl: url.toString() };
    await grant(guest, GUEST);
  });
  afterAll(async () => {
    await database.drop();
    await administer(database.adminUrl, 'server', async (admin) => {
      await admin.query(`DROP ROLE ${new URL(guest.appUrl).username}`);
      for (const app of ['test-shop', 'test-guest']) await admin.query(`DROP ROLE ${rightsRole(app)}`);
    });
  });

  it.each([
    `INSERT INTO audit VALUES (1, 'made')`, 'SELECT * FROM audit', `INSERT INTO shelf VALUES (1, 'tea')`, 'UPDATE shelf SET stock = 2',
    'SELECT allowed()',
  ])('permits its listed statements: %s', async (statement) => {
    expect(await outcome(database.appUrl, statement)).toBe('done');
  });

  it.each([
    `UPDATE audit SET what = ''`, 'DELETE FROM audit', 'TRUNCATE audit', `UPDATE shelf SET label = ''`, 'DELETE FROM shelf',
    'SELECT * FROM hidden', 'INSERT INTO hidden VALUES (1)', 'SELECT forbidden()', 'SELECT * FROM migrations', 'DELETE FROM migrations',
    'ALTER TABLE audit ADD COLUMN x int', 'DROP TABLE audit', 'CREATE TABLE mine (id int)', 'SET ROLE aisle_owner',
  ])('forbids any other statement: %s', async (statement) => {
    expect(await outcome(database.appUrl, statement)).toBe('42501');
  });

  it('differs from the access of another app', async () => {
    expect(await outcome(guest.appUrl, 'SELECT * FROM shelf')).toBe('done');
    for (const statement of ['INSERT INTO shelf VALUES (2)', 'SELECT * FROM audit', 'SELECT allowed()']) {
      expect(await outcome(guest.appUrl, statement)).toBe('42501');
    }
  });

  it('adds up when two apps share a role', async () => {
    await grant(database, GUEST);
    await migrate({ ...database, schema: 'shop', migrations: MIGRATIONS, access: SHOP });

    expect(await outcome(database.appUrl, `INSERT INTO audit VALUES (3, 'x')`)).toBe('done');
    expect(await outcome(database.appUrl, 'DELETE FROM audit')).toBe('42501');
  });

  it('revokes rights that it no longer lists, and those that an earlier version granted to the role', async () => {
    const before = { ...SHOP, rights: [{ tables: { audit: 'SELECT, INSERT, UPDATE, DELETE', hidden: 'SELECT' } }] };
    await migrate({ ...database, schema: 'shop', migrations: MIGRATIONS, access: before });
    const role = new URL(database.appUrl).username;
    await asOwner(`GRANT ALL ON audit, hidden TO ${role}; ALTER DEFAULT PRIVILEGES IN SCHEMA shop GRANT ALL ON TABLES TO ${role}`);
    expect(await outcome(database.appUrl, 'DELETE FROM audit')).toBe('done');

    await prepareDatabase({ ...database, schema: 'shop', access: SHOP });
    await migrate({ ...database, schema: 'shop', migrations: MIGRATIONS, access: SHOP });
    await asOwner('CREATE TABLE later (id int)');

    for (const statement of ['DELETE FROM audit', 'SELECT * FROM hidden', 'SELECT * FROM later']) {
      expect(await outcome(database.appUrl, statement)).toBe('42501');
    }
    await asOwner('DROP TABLE later');
  });

  it('is refused until another app has created the table', async () => {
    const early = { app: 'test-guest', rights: [{ tables: { not_yet: 'SELECT' } }] };

    await expect(migrate({ ...guest, schema: 'shop', migrations: [], access: early })).rejects.toMatchObject({
      kind: 'unavailable', code: 'database.schema_not_migrated',
    });
    expect(await outcome(guest.appUrl, 'SELECT * FROM shelf')).toBe('done');
  });

  it('accepts nothing but privileges', async () => {
    for (const privileges of ['ALL', 'TRUNCATE', 'SELECT ON x TO y; DROP TABLE audit --', '', 'select']) {
      const access = { app: 'test-guest', rights: [{ tables: { shelf: privileges } }] };
      await expect(migrate({ ...guest, schema: 'shop', migrations: [], access })).rejects.toThrow('privileges on shelf');
    }
  });

  async function grant(urls: { adminUrl: string; appUrl: string }, access: Access): Promise<void> {
    await prepareDatabase({ ...urls, schema: 'shop', access });
    await migrate({ ...urls, schema: 'shop', migrations: [], access });
  }

  async function asOwner(sql: string): Promise<void> {
    const url = new URL(database.adminUrl);
    url.pathname = new URL(database.appUrl).pathname;
    const admin = new Client({ connectionString: url.toString(), options: '-c search_path=shop -c role=aisle_owner' });
    await admin.connect();
    await admin.query(sql);
    await admin.end();
  }

  /** `done`, or the SQLSTATE of the refusal. */
  async function outcome(url: string, statement: string): Promise<string> {
    const client = new Client({ connectionString: url, options: '-c search_path=shop' });
    await client.connect();
    try {
      await client.query(statement);
      return 'done';
    } catch (error) {
      return (error as { code: string }).code;
    } finally {
      await client.end();
    }
  }
});
