import { createDataSource } from '@aisle/persistence';
import { testDatabase, type TestDatabase } from '@aisle/persistence/testing';
import { priceBasket, priceLine } from '@aisle/pricing';
import { ActiveRules, StrategyRollout, type StrategyStore } from '@aisle/pricing/lifecycle';
import { systemRuntime } from '@aisle/std';
import type { Logger } from '@aisle/platform';
import type { DataSource } from 'typeorm';
import { basketSchema } from '../schema.ts';
import { strategyStore } from './strategy-store.ts';

const GR1 = 'gr1-buy-one-get-one-free';
const pricesMinor: Record<string, number> = { GR1: 311, SR1: 500, CF1: 1_123 };

describe('the seed of the strategies', () => {
  const logger = { info: () => undefined } as unknown as Logger;
  let test: TestDatabase;
  let database: DataSource;
  let store: StrategyStore;
  let rollout: StrategyRollout;
  beforeAll(async () => {
    test = await testDatabase(basketSchema);
    database = await createDataSource({ url: test.appUrl, schema: 'basket', applicationName: 'seed-test', poolMax: 2, entities: [] });
    store = strategyStore({ database, databaseUrl: test.appUrl, runtime: systemRuntime });
    rollout = new StrategyRollout({ store, runtime: systemRuntime });
  });
  afterAll(async () => {
    await database.destroy();
    await test.drop();
  });

  const seed = () => basketSchema.seed!({ url: test.appUrl, size: 's', logger });
  const totalOf = async (skus: string, market = 'm1', currency = 'GBP') => {
    const context = { now: '2026-11-21T09:00:00Z', market, currency };
    const rules = new ActiveRules(await store.read(), () => { throw new Error('there are no scripts'); }).ruleSetFor(undefined);
    const quantities = new Map<string, number>();
    for (const sku of skus.split(' ').filter(Boolean)) quantities.set(sku, (quantities.get(sku) ?? 0) + 1);
    const lines = [...quantities].map(([sku, quantity]) =>
      priceLine(rules, { sku, quantity, unitPriceMinor: pricesMinor[sku]! }, context));
    return priceBasket(rules, lines, [], context).totalMinor;
  };

  it('is the first source of rules in a new database', async () => {
    expect(await store.list()).toEqual({ revision: 0, strategies: [] });
    expect(await totalOf('GR1 GR1')).toBe(622);
  });

  it.each([
    ['GR1 SR1 GR1 GR1 CF1', 2_245], ['GR1 GR1', 311], ['SR1 SR1 GR1 SR1', 1_661], ['GR1 CF1 SR1 CF1 CF1', 3_057], ['', 0],
  ])('puts the reference rules in force, so that %j costs %d in the markets of the seed', async (skus, totalMinor) => {
    await seed();

    expect(await Promise.all(['m1', 'm2', 'm3'].map((market) => totalOf(skus, market)))).toEqual([totalMinor, totalMinor, totalMinor]);
  });

  it.each([['a new market', 'bobs-shop', 'GBP'], ['another currency', 'm1', 'JPY']])('has no rule for %s', async (_what, market, currency) => {
    expect(await totalOf('GR1 GR1 SR1 SR1 SR1', market, currency)).toBe(2_122);
  });

  it('lists them as built-ins, and never reverts a later rollout', async () => {
    const { strategies } = await store.list();
    expect(strategies.map(({ name, active, versions }) => [name, active, versions[0]?.use])).toEqual([
      ['cf1-two-thirds', '1.1.0', 'fraction-from@1'], [GR1, '1.1.0', 'buy-n-get-m@1'], ['sr1-bulk-price', '1.1.0', 'bulk-price@1'],
    ]);
    await rollout.rollOut(GR1, { state: 'off' }, { by: 'ann' });

    await seed();

    expect((await store.find(GR1))?.active).toBeUndefined();
    expect(await totalOf('GR1 GR1')).toBe(622);
  });
});
