import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Journal } from '@aisle/journal';
import { MemoryJournal } from '@aisle/journal/testing';
import { createDataSource } from '@aisle/persistence';
import { testDatabase, type TestDatabase } from '@aisle/persistence/testing';
import { askLines } from '@aisle/pricing';
import { StrategyRollout, type StrategyStore } from '@aisle/pricing/lifecycle';
import { strategyMigrations } from '@aisle/pricing/postgres';
import { systemRuntime } from '@aisle/std';
import { eventually } from '@aisle/std/testing';
import { createMetrics, type Logger, type Registry } from '@aisle/platform';
import type { DataSource } from 'typeorm';
import { insertStrategy, insertVersion, metaOf } from '../testing/strategy-rows.ts';
import { startStrategies, type RunningStrategies } from './start-strategies.ts';
import { strategyStore } from './strategy-store.ts';

describe('the strategies of two servers', () => {
  const path = mkdtempSync(join(tmpdir(), 'aisle-strategies-'));
  const logged: [message: string, fields: unknown][] = [];
  const note = (message: string, fields: unknown): void => void logged.push([message, fields]);
  const logger = { info: note, warn: note, error: note } as unknown as Logger;
  let test: TestDatabase;
  let database: DataSource;
  let store: StrategyStore;
  let rollout: StrategyRollout;
  let metrics: Registry;
  let options: (own?: Registry) => Parameters<typeof startStrategies>[0];
  let developers: RunningStrategies;
  let other: RunningStrategies;
  beforeAll(async () => {
    test = await testDatabase({ schema: 'basket', migrations: strategyMigrations });
    database = await createDataSource({
      url: test.appUrl, schema: 'basket', applicationName: 'strategies-test', poolMax: 6, entities: [],
    });
    store = strategyStore({ database, databaseUrl: test.appUrl, runtime: systemRuntime });
    rollout = new StrategyRollout({ store, runtime: systemRuntime });
    save('1', 5);
    const journal = new Journal({ storage: new MemoryJournal(systemRuntime).storage('node-1'), runtime: systemRuntime });
    metrics = createMetrics('test');
    options = (own = createMetrics('test')) => ({ store, runtime: systemRuntime, logger, journal, metrics: own, folder: undefined });
    developers = await startStrategies({ ...options(), folder: path });
    other = await startStrategies(options(metrics));
  });
  afterAll(async () => {
    await Promise.all([developers, other].map((server) => server.stop()));
    await database.destroy();
    await test.drop();
    rmSync(path, { recursive: true });
  });

  it('have the strategies in force that are in the folder of one server', async () => {
    await eventually(async () => (await net(developers)) === 306 && (await net(other)) === 306);
  });

  it('follow a saved strategy, and keep their prices if it is invalid', async () => {
    save('2', 7);
    await eventually(async () => (await net(developers)) === 304 && (await net(other)) === 304);

    writeFileSync(join(path, 'tea.ts'), 'export default {');

    await eventually(() => logged.some(([message]) => message === 'strategy refused'));
    expect([await net(developers), await net(other)]).toEqual([304, 304]);
  });

  it('follow a rollback by a third party', async () => {
    await rollout.rollBack('tea', { by: 'ann' });

    await eventually(async () => (await net(developers)) === 306 && (await net(other)) === 306);
  });

  it('record the tally of a shadow in the audit when it ends, without a further sale', async () => {
    const { rules, report } = other;
    const items = [{ sku: 'GR1', quantity: 1, unitPriceMinor: 311 }];
    const context = { now: '2026-11-21T09:00:00Z', market: 'm1', currency: 'GBP' };
    await rollout.rollOut('tea', { state: 'shadow', version: '2' }, { by: 'ann' });
    await eventually(() => expect(rules.shadowsFor('b')).toMatchObject([{ name: 'tea', version: '2' }]));

    report.sold({ key: 'b', items, coupons: [], context });
    await rollout.rollOut('tea', { state: 'off' }, { by: 'ann' });

    await eventually(async () => {
      expect((await store.audit('tea', 1))[0]).toMatchObject({
        action: 'shadowed', version: '2', by: 'basket-server',
        details: { baskets: 1, changed: 1, degraded: 0, differenceMinor: { GBP: -2 } },
      });
    });
  });

  it('start and follow rollouts despite rows that cannot be read, and report each once', async () => {
    const tenant = 'default';
    const bad = (name: string, meta: object) => insertVersion(database, { tenant, name, version: '1', meta: JSON.stringify(meta) });
    await insertStrategy(database, { tenant, name: 'bad-text', pointers: '{"before":[],"active":"1"}' });
    await bad('bad-text', { ...metaOf('bad-text', '1'), title: '\0' });
    await insertStrategy(database, { tenant, name: 'bad-contract', pointers: '{"before":[],"canary":{"version":"1","percent":50}}' });
    await bad('bad-contract', { ...metaOf('bad-contract', '1'), contract: 2 });
    await insertStrategy(database, { tenant, name: 'bad-version', pointers: '{"before":[],"active":"9"}' });
    await insertStrategy(database, { tenant, name: 'bad-pointers', pointers: '7' });
    logged.length = 0;

    const metricsOfThird = createMetrics('third');
    const third = await startStrategies(options(metricsOfThird));
    await rollout.rollOut('tea', { state: 'active', version: '2' }, { by: 'ann' });

    await eventually(async () => expect([await net(third), await net(other), await net(developers)]).toEqual([304, 304, 304]));
    const reported = logged.filter(([message, fields]) => message === 'strategy cannot be read' && fields !== undefined);
    const names = reported.map(([, fields]) => (fields as { strategy: string }).strategy);
    for (const name of ['bad-contract', 'bad-pointers', 'bad-text', 'bad-version']) {
      expect(names.filter((each) => each === name)).toHaveLength(3);
      expect(await metricsOfThird.metrics()).toContain(`strategy_unreadable{strategy="${name}"`);
    }
    await rollout.rollOut('bad-text', { state: 'off' }, { by: 'ann' });
    await eventually(async () => expect(await metricsOfThird.metrics()).not.toContain('strategy_unreadable{strategy="bad-text"'));
    await third.stop();
  });

  async function net({ rules }: RunningStrategies): Promise<number | undefined> {
    const context = { now: '2026-11-21T09:00:00Z', market: 'm1', currency: 'GBP' };
    const [line] = await askLines(rules.ruleSetFor('b'), [{ sku: 'GR1', quantity: 1, unitPriceMinor: 311 }], context);
    return line?.netMinor;
  }

  function save(version: string, amountMinor: number): void {
    const input = { sku: 'GR1', quantity: 1, unitPriceMinor: 311, netMinor: 311 };
    const meta = {
      contract: 1, name: 'tea', version, kind: 'line', title: 'Tea', scope: { skus: ['GR1'] }, priority: 5, stack: 'stack',
      tests: [{ name: 'one', input, expect: { netMinor: 311 - amountMinor } }],
    };
    writeFileSync(join(path, 'tea.ts'), `export default { meta: ${JSON.stringify(meta)}, price: () => ({
      adjustments: [{ code: 'off', amountMinor: -${amountMinor}, message: 'off' }],
    }) };`);
  }
});
