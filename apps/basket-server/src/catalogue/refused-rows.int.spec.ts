import { TOPICS } from '@aisle/contracts';
import { DeadLetters, EventConsumer, MemoryBackbone, eventsSchema, type ConsumerEvent } from '@aisle/events';
import { createDataSource, migrate, prepareDatabase } from '@aisle/persistence';
import { testDatabase, type TestDatabase } from '@aisle/persistence/testing';
import { systemRuntime as runtime } from '@aisle/std';
import { eventually } from '@aisle/std/testing';
import type { DataSource } from 'typeorm';
import { CatalogueFollower } from './catalogue-follower.ts';
import { CatalogueProjection } from './catalogue-projection.ts';
import { CatalogueRepository } from './catalogue.repository.ts';
import { CatalogueRevisions1700000000700 } from './catalogue-revisions.migration.ts';
import { CatalogueFacts1796700000100 } from './catalogue-facts.migration.ts';
import { MarketRounding1796000000300 } from './market-rounding.migration.ts';
import { Catalogue1700000000100 } from './catalogue.migration.ts';

const POISON: [what: string, change: object][] = [
  ['a name with U+0000', { name: 'zero \0 byte' }],
  ['a price that is not a whole number', { price: { amount: 1.5, currency: 'GBP' } }],
  ['a price beyond its type', { price: { amount: 1e30, currency: 'GBP' } }],
  ['a negative price', { price: { amount: -1, currency: 'GBP' } }],
  ['no price', { price: null }],
  ['a currency that is too long', { market: 'new', price: { amount: 1, currency: 'POUNDS' } }],
  ['no name', { name: null }],
];

describe('events of a market that PostgreSQL refuses', () => {
  let test: TestDatabase;
  let database: DataSource;
  let backbone: MemoryBackbone;
  let catalogue: CatalogueFollower;
  let consumer: EventConsumer;
  let letters: ReturnType<typeof DeadLetters.connect>;
  const consumerEvents: ConsumerEvent[] = [];

  beforeAll(async () => {
    test = await testDatabase({ schema: 'basket', migrations: [Catalogue1700000000100, CatalogueRevisions1700000000700, MarketRounding1796000000300, CatalogueFacts1796700000100] });
    await prepareDatabase({ ...test, ...eventsSchema });
    await migrate({ ...test, ...eventsSchema });
    const connection = { url: test.appUrl, schema: 'basket', applicationName: 'catalogue-test' };
    database = await createDataSource({ ...connection, poolMax: 4, entities: [] });
    letters = DeadLetters.connect(test.appUrl, 'catalogue-test');
    backbone = new MemoryBackbone({ runtime });
    const repository = new CatalogueRepository(database);
    catalogue = new CatalogueFollower({ repository, runtime, onFailed: (error) => { throw error; } });
    const { handle } = new CatalogueProjection(repository, catalogue);
    consumer = new EventConsumer({
      name: 'basket-catalogue', topics: [TOPICS.markets], database: connection, backbone, runtime, handle, onEvent: (event) => void consumerEvents.push(event),
    });
    await catalogue.start();
    consumer.start();
  });
  afterAll(async () => {
    await consumer.stop();
    await catalogue.stop();
    await letters.close();
    await backbone.close();
    await database.destroy();
    await test.drop();
  });

  it('are dead letters; all events before, between and behind them are in force', async () => {
    const skus = Array.from({ length: 3 * POISON.length }, (_, number) => `P${number}`);
    const events = POISON.flatMap(([, change], number) => [
      product('m1', { sku: `P${3 * number}` }), product(`sick ${number}`, { sku: 'sick', ...change }),
      product('m1', { sku: `P${3 * number + 1}` }), product('m1', { sku: `P${3 * number + 2}` }),
    ]);

    await backbone.publish([{
      topic: TOPICS.markets, partition: 0, floor: 0,
      entries: events.map((event, index) => ({ position: index + 1, key: event.key, body: JSON.stringify(event) })),
    }]);

    await eventually(async () => expect(await letters.deadLetters.list({})).toHaveLength(POISON.length));
    await eventually(() => {
      const products = [...(catalogue.catalogue.market('default', 'm1')?.products.values() ?? [])];
      expect(products.map(({ sku }) => sku).sort()).toEqual([...skus].sort());
    });
    expect(consumerEvents.filter(({ kind }) => kind === 'dead')).toHaveLength(POISON.length);
  });
});

function product(market: string, change: { sku: string }) {
  const data = { market, name: 'tea', category: null, price: { amount: 311, currency: 'GBP' }, deleted: false, revision: 1, ...change };
  return {
    id: `${market}-${change.sku}`, type: 'ProductChanged', schemaVersion: 1, tenant: 'default', key: `default/${market}`,
    at: '2026-11-26T15:00:00Z', traceparent: '', data,
  };
}
