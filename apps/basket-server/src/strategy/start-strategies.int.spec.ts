import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Journal } from '@aisle/journal';
import { MemoryJournal } from '@aisle/journal/testing';
import { createDataSource } from '@aisle/persistence';
import { testDatabase, type TestDatabase } from '@aisle/persistence/testing';
import { askLines, referenceRules } from '@aisle/pricing';
import { systemRuntime } from '@aisle/std';
import { eventually } from '@aisle/std/testing';
import { createMetrics, type Logger, type Registry } from '@aisle/telemetry';
import type { DataSource } from 'typeorm';
import { startStrategies, type RunningStrategies } from './start-strategies.ts';
import { Strategies1700000000600 } from './strategy.migration.ts';

describe('the strategies of two servers', () => {
  const path = mkdtempSync(join(tmpdir(), 'aisle-strategies-'));
  const logged: [message: string, fields: unknown][] = [];
  const note = (message: string, fields: unknown): void => void logged.push([message, fields]);
  const logger = { info: note, warn: note } as unknown as Logger;
  let test: TestDatabase;
  let database: DataSource;
  let metrics: Registry;
  let developers: RunningStrategies;
  let other: RunningStrategies;
  beforeAll(async () => {
    test = await testDatabase({ schema: 'basket', migrations: [Strategies1700000000600] });
    database = await createDataSource({
      url: test.appUrl, schema: 'basket', applicationName: 'strategies-test', poolMax: 4, entities: [],
    });
    save('1', 5);
    const journal = new Journal({ storage: new MemoryJournal(systemRuntime).storage('node-1'), runtime: systemRuntime });
    metrics = createMetrics('test');
    const options = (own = createMetrics('test')) => ({
      database, databaseUrl: test.appUrl, runtime: systemRuntime, logger, journal, metrics: own, builtIns: referenceRules(),
    });
    developers = await startStrategies({ ...options(), folder: path });
    other = await startStrategies({ ...options(metrics), folder: undefined });
  }, 120_000);
  afterAll(async () => {
    await Promise.all([developers, other].map((server) => server.stop()));
    await database.destroy();
    await test.drop();
    rmSync(path, { recursive: true });
  });

  it('have in force what lies in the folder of one of them', async () => {
    await eventually(async () => (await net(developers)) === 306 && (await net(other)) === 306);
  });

  it('follow what is saved there, and keep their prices when it is wrong', async () => {
    save('2', 7);
    await eventually(async () => (await net(developers)) === 304 && (await net(other)) === 304);

    writeFileSync(join(path, 'tea.ts'), 'export default {');

    await eventually(() => logged.some(([message]) => message === 'strategy refused'));
    expect([await net(developers), await net(other)]).toEqual([304, 304]);
  });

  it('follow a rollback that the other one makes', async () => {
    await other.strategies.rollBack('tea', {}, { by: 'ann' });

    expect(await net(other)).toBe(306);
    await eventually(async () => (await net(developers)) === 306);
  });

  it('note in the audit what a shadow came to, once it left', async () => {
    const { strategies, rules, report } = other;
    const items = [{ sku: 'GR1', quantity: 1, unitPriceMinor: 311 }];
    const context = { now: '2026-11-21T09:00:00Z', market: 'm1', currency: 'GBP' };
    await strategies.rollOut('tea', { rollout: { state: 'shadow', version: '2' } }, { by: 'ann' });
    expect(rules.shadowsFor('b')).toMatchObject([{ name: 'tea', version: '2' }]);

    report.charged({ basketId: 'b', sample: { items, coupons: [], context } });
    await eventually(async () => (await metrics.metrics()).includes('strategy_shadow_difference_minor_count{'));
    await strategies.rollOut('tea', { rollout: { state: 'off' } }, { by: 'ann' });
    report.charged({ basketId: 'b', sample: { items, coupons: [], context } });

    await eventually(async () => {
      expect((await strategies.audit('tea')).items[0]).toMatchObject({
        action: 'shadowed', version: '2', by: 'basket-server',
        details: { baskets: 1, changed: 1, degraded: 0, differenceMinor: { GBP: -2 } },
      });
    });
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
