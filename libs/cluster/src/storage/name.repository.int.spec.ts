import { createPool } from '@aisle/persistence';
import { testDatabase, type TestDatabase } from '@aisle/persistence/testing';
import { ClusterRegistry, type NameStorage } from '@aisle/registry';
import { describeNameStorage } from '@aisle/registry/testing';
import { systemRuntime } from '@aisle/std';
import { eventually } from '@aisle/std/testing';
import { System, genServer, ok } from '@aisle/supervision';
import type { Pool } from 'pg';
import { clusterMigrations } from './cluster.migration.ts';
import { NameRepository } from './name.repository.ts';

describe('NameRepository', () => {
  let database: TestDatabase;
  let pool: Pool;

  beforeAll(async () => {
    database = await testDatabase({ schema: 'consumers', migrations: [...clusterMigrations] });
    pool = createPool({ url: database.appUrl, schema: 'consumers', applicationName: 'names', poolMax: 5 });
  });

  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  describeNameStorage('as every storage', async () => {
    await pool.query('DELETE FROM node_lease');
    await pool.query('DELETE FROM cluster_name');
    return new NameRepository(pool);
  });

  it('stores the names of a registry: a dead holder is replaced, and loses its name when it returns', async () => {
    const names = new NameRepository(pool);
    await pool.query('DELETE FROM node_lease');
    await pool.query('DELETE FROM cluster_name');
    let isCut = false;
    const cut = new Proxy(names, {
      get: (target, method) => {
        if (isCut) throw new Error('cut off');
        return Reflect.get(target, method) as unknown;
      },
    });
    const [one, other] = [await process('one', cut), await process('other', names)];
    await one.registry.register(one.consumer, 'mailer', { topic: 'orders' });
    await expect(other.registry.register(other.consumer, 'mailer', null)).rejects.toMatchObject({
      code: 'registry.already_registered', holder: { incarnation: 'one', value: { topic: 'orders' } },
    });

    isCut = true;
    await eventually(() => other.registry.register(other.consumer, 'mailer', { topic: 'stock' }));
    expect(one.registry.holds('mailer')).toBe(false);
    await eventually(() => other.registry.holds('mailer'));
    isCut = false;
    expect(await one.consumer.whenDown()).toEqual({ shutdown: 'name lost' });

    expect(await one.registry.whereis('mailer')).toMatchObject({ incarnation: 'other', value: { topic: 'stock' } });
    await Promise.all([one.registry.leave(), other.registry.leave()]);
    expect([await names.view(), await names.list()]).toEqual([{ nodes: [] }, []]);
  });

  it('fails as unavailable while PostgreSQL does not answer', async () => {
    const nowhere = new URL(database.appUrl);
    nowhere.port = '1';
    const away = createPool({ url: nowhere.href, schema: 'consumers', applicationName: 'away', poolMax: 1 });

    await expect(new NameRepository(away).view()).rejects.toMatchObject({
      kind: 'unavailable', code: 'cluster.unavailable',
    });
    await away.end();
  });
});

const Consumer = genServer<object, null>({ name: 'Consumer', init: () => ok(null) });

/** A process of the group, and a consumer in it to register. */
async function process(incarnation: string, storage: NameStorage) {
  const system = new System(systemRuntime, { hooks: {} });
  const registry = new ClusterRegistry({
    storage, system, incarnation, queue: `queue-${incarnation}`, times: { leaseMs: 600, marginMs: 100 },
  });
  await registry.join();
  return { registry, consumer: await system.start(Consumer.childSpec(undefined)) };
}
