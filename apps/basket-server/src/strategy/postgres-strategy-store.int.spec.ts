import { Announcements, createDataSource, migrate } from '@aisle/persistence';
import { testDatabase, type TestDatabase } from '@aisle/persistence/testing';
import { PostgresStrategyStore, strategyMigrations, type StrategyDatabase } from '@aisle/pricing/postgres';
import { strategyStoreContract } from '@aisle/pricing/testing';
import { systemRuntime } from '@aisle/std';
import { eventually } from '@aisle/std/testing';
import type { DataSource } from 'typeorm';
import { insertStrategy, insertVersion, metaOf } from '../testing/strategy-rows.ts';

const entry = { id: 'a', atMs: 1, by: 'ann', name: 'tea', action: 'added', version: '1', details: {} } as const;

describe('PostgresStrategyStore', () => {
  let test: TestDatabase;
  let database: DataSource;
  let tenants = 0;
  beforeAll(async () => {
    test = await testDatabase({ schema: 'basket', migrations: strategyMigrations });
    database = await createDataSource({
      url: test.appUrl, schema: 'basket', applicationName: 'strategies-test', poolMax: 5, entities: [],
    });
  });
  afterAll(async () => {
    await database.destroy();
    await test.drop();
  });

  const storeOf = (tenant: string, { runtime = systemRuntime, on = database as StrategyDatabase } = {}) => new PostgresStrategyStore({
    database: on, tenant, runtime, ear: (channel, onHeard) => new Announcements(database, channel, onHeard),
  });
  const newTenant = () => {
    tenants += 1;
    return `tenant-${tenants}`;
  };

  strategyStoreContract(async () => storeOf(newTenant()));

  it('receives a change by another server before its poll', async () => {
    const timers = { ...systemRuntime.timers, every: () => ({ cancel: () => undefined }) };
    const watching = storeOf('announced', { runtime: { ...systemRuntime, timers } });
    let looks = 0;
    const stop = watching.watch(() => { looks += 1; });
    // The first call comes when the store listens.
    await eventually(() => expect(looks).toBe(1));

    await storeOf('announced').save({ name: 'tea', kind: 'line', revision: 0, versions: [], before: [] }, entry);

    await eventually(() => expect(looks).toBe(2));
    stop();
  });

  it('ends a change that hangs, so that others can follow', async () => {
    const tenant = newTenant();
    let goOn = (): void => undefined;
    const hung = new Promise<void>((resolve) => { goOn = resolve; });
    const hanging: StrategyDatabase = {
      query: (sql, parameters) => database.query(sql, parameters),
      transaction: (run) => database.transaction((manager) => run({
        async query<Rows>(sql: string, parameters?: unknown[]) {
          const rows = await manager.query<Rows>(sql, parameters);
          if (sql.includes('strategy_revision')) await hung;
          return rows;
        },
      })),
    };
    const record = { name: 'tea', kind: 'line', revision: 0, versions: [], before: [] } as const;
    const first = storeOf(tenant, { on: hanging }).save(record, entry).catch((error: unknown) => error);
    await eventually(async () => {
      const [{ waiting }] = await database.query<[{ waiting: number }]>(
        `SELECT count(*)::int AS waiting FROM pg_stat_activity WHERE state = 'idle in transaction' AND datname = current_database()`,
      );
      expect(waiting).toBe(1);
    });

    const second = await storeOf(tenant).save(record, entry);

    expect(second.revision).toBe(1);
    goOn();
    expect(await first).toBeInstanceOf(Error);
  });

  describe('with rows that cannot be read', () => {
    const meta = metaOf('bad', '1');
    const broken: [what: string, insert: (tenant: string) => Promise<void>, version: string | null, reason: RegExp][] = [
      ['with U+0000 in a title', (tenant) => bad(tenant, JSON.stringify({ ...meta, title: 'a\0b' })), '1', /meta\.title: has a character U\+0000/],
      ['with half a surrogate pair in a scope', (tenant) => bad(tenant, JSON.stringify({ ...meta, scope: { skus: ['\ud800'] } })), '1', /meta\.scope\.skus\[0\]: .*surrogate pair/],
      ['of another contract', (tenant) => bad(tenant, JSON.stringify({ ...meta, contract: 2 })), '1', /meta\.contract: expected 1/],
      ['with a meta that is not an object', (tenant) => bad(tenant, '[]'), '1', /meta: expected an object/],
      ['of another name', (tenant) => bad(tenant, JSON.stringify({ ...meta, name: 'other' })), '1', /meta\.name: expected 'bad'/],
      ['that nest too deep', (tenant) => bad(tenant, JSON.stringify({ ...meta, params: 0 }).replace('"params":0', `"params":${'['.repeat(100)}${']'.repeat(100)}`)), '1', /more than 32 deep/],
      ['of an unknown built-in', (tenant) => bad(tenant, JSON.stringify({ ...meta, params: {} }), 'sell-it-all@1'), '1', /no such built-in/],
      ['of a built-in with wrong parameters', (tenant) => bad(tenant, JSON.stringify({ ...meta, params: {} }), 'bulk-price@1'), '1', /params\.from: expected a whole number/],
      ['that are missing', (tenant) => insertStrategy(database, { tenant, name: 'bad', pointers: '{"before":[],"active":"1"}' }), '1', /is not stored/],
      ['with invalid pointers', (tenant) => insertStrategy(database, { tenant, name: 'bad', pointers: '{"active":7}' }), null, /active: expected a version; before: expected versions/],
    ];
    const bad = async (tenant: string, text: string, use?: string) => {
      await insertStrategy(database, { tenant, name: 'bad', pointers: '{"before":[],"active":"1"}' });
      await insertVersion(database, { tenant, name: 'bad', version: '1', meta: text, use });
    };

    it.each(broken)('reports those %s, and reads all others', async (_what, insert, version, reason) => {
      const tenant = newTenant();
      await insertStrategy(database, { tenant, name: 'good', pointers: '{"before":[],"active":"1"}' });
      await insertVersion(database, { tenant, name: 'good', version: '1', meta: JSON.stringify(metaOf('good', '1')) });
      await insert(tenant);
      const store = storeOf(tenant);

      for (const { strategies } of [await store.read(), await store.list()]) {
        const [unreadable, good] = strategies;
        expect(unreadable).toMatchObject({ name: 'bad', versions: [], unreadable: [{ version, reason: expect.stringMatching(reason) }] });
        expect(good).toMatchObject({ name: 'good', active: '1', versions: [{ version: '1' }] });
        expect(good).not.toHaveProperty('unreadable');
      }
    });

    it.each(broken)('switches those %s off', async (_what, insert, _version, _reason) => {
      const tenant = newTenant();
      await insert(tenant);
      const store = storeOf(tenant);
      const { active: _active, ...off } = (await store.find('bad'))!;

      await store.save({ ...off, before: [] }, { ...entry, name: 'bad' });

      const [record] = (await store.read()).strategies;
      expect(record).toEqual({ name: 'bad', kind: 'line', revision: 1, versions: [], before: [] });
    });

    it('lists drafts among them, shows their versions, and uses none of them', async () => {
      const tenant = newTenant();
      await insertStrategy(database, { tenant, name: 'bad', pointers: '{"before":[]}' });
      await insertVersion(database, { tenant, name: 'bad', version: '1', meta: JSON.stringify({ ...meta, title: '\udfff' }) });
      await insertVersion(database, { tenant, name: 'bad', version: '2', meta: JSON.stringify(metaOf('bad', '2')) });
      const store = storeOf(tenant);

      const [listed] = (await store.list()).strategies;
      const found = await store.find('bad', 'all');

      const unreadable = [{
        version: '1', reason: expect.stringMatching(/surrogate pair/),
        facts: { sha256: expect.any(String), createdAtMs: 1_700_000_000_000, createdBy: 'sql' },
      }];
      expect(listed).toMatchObject({ name: 'bad', unreadable });
      expect(found).toMatchObject({ versions: [{ version: '2' }], unreadable });
      await expect(store.version('bad', '1')).rejects.toMatchObject({ kind: 'rejected', code: 'strategy.unreadable' });
    });
  });

  it('lets the app append to the history and the audit, and change neither', async () => {
    for (const table of ['strategy_history', 'strategy_audit']) {
      await expect(database.query(`DELETE FROM ${table}`)).rejects.toMatchObject({ code: '42501' });
      await expect(database.query(`UPDATE ${table} SET tenant = 'x'`)).rejects.toMatchObject({ code: '42501' });
    }
  });
});

describe('the strategies of a system without a history', () => {
  it('are migrated, whether or not they can be read', async () => {
    const test = await testDatabase({ schema: 'basket', migrations: strategyMigrations.slice(0, 1) });
    const database = await createDataSource({ url: test.appUrl, schema: 'basket', applicationName: 'test', poolMax: 1, entities: [] });
    const tenant = 'default';
    const old = async (name: string, pointers: string, more: object = {}): Promise<void> => {
      await database.query('INSERT INTO strategy (tenant, name, revision, pointers) VALUES ($1, $2, 7, $3)', [tenant, name, pointers]);
      await database.query(
        `INSERT INTO strategy_version (tenant, name, version, sha256, source, code, meta, created_at_ms, created_by, validated)
         VALUES ($1, $2, '1', $3, '', '', $4, 0, 'sql', true)`,
        [tenant, name, '0'.repeat(64), JSON.stringify({ ...metaOf(name, '1'), ...more })],
      );
    };
    await database.query('INSERT INTO strategy_revision (tenant, revision) VALUES ($1, 7)', [tenant]);
    await old('unreadable', '{"before":[]}', { kind: 'basket', title: '\0' });
    await old('basket', '{"before":[],"active":"1"}', { kind: 'basket' });
    await old('switched-off', '{"before":["active","1"]}');
    await old('tried', '{"before":["1"],"canary":{"version":"2","percent":5}}');

    await migrate({ ...test, schema: 'basket', migrations: strategyMigrations });

    const store = new PostgresStrategyStore({
      database, tenant, runtime: systemRuntime, ear: (channel, onHeard) => new Announcements(database, channel, onHeard),
    });
    const { revision, strategies } = await store.list();
    expect(revision).toBe(7);
    expect(strategies.map(({ name, kind, before }) => [name, kind, before])).toEqual([
      ['basket', 'basket', []], ['switched-off', 'line', []], ['tried', 'line', ['1']], ['unreadable', 'basket', []],
    ]);
    expect(await store.readAt(7)).toEqual(await store.read());
    await expect(store.readAt(6)).rejects.toMatchObject({ code: 'strategy.revision-unknown', details: { since: 7, latest: 7 } });
    await database.destroy();
    await test.drop();
  });
});
