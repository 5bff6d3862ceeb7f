import type { EventData } from '@aisle/contracts';
import type { ReceivedEvent } from '@aisle/events';
import { createDataSource } from '@aisle/persistence';
import { testDatabase, type TestDatabase } from '@aisle/persistence/testing';
import { systemRuntime } from '@aisle/std';
import { eventually } from '@aisle/std/testing';
import type { DataSource } from 'typeorm';
import { CatalogueFollower } from './catalogue-follower.ts';
import { CatalogueProjection } from './catalogue-projection.ts';
import { CatalogueRevisions1700000000700 } from './catalogue-revisions.migration.ts';
import { CatalogueFacts1796700000100 } from './catalogue-facts.migration.ts';
import { MarketRounding1796000000300 } from './market-rounding.migration.ts';
import { Catalogue1700000000100 } from './catalogue.migration.ts';
import { CatalogueRepository } from './catalogue.repository.ts';
import { seedRows } from './seed.ts';

describe('the catalogue', () => {
  let test: TestDatabase;
  let database: DataSource;
  let repository: CatalogueRepository;
  const followers: CatalogueFollower[] = [];
  beforeAll(async () => {
    test = await testDatabase({ schema: 'basket', migrations: [Catalogue1700000000100, CatalogueRevisions1700000000700, MarketRounding1796000000300, CatalogueFacts1796700000100] });
    database = await createDataSource({
      url: test.appUrl, schema: 'basket', applicationName: 'catalogue-test', poolMax: 8, entities: [],
    });
    repository = new CatalogueRepository(database);
  });
  afterAll(async () => {
    await Promise.all(followers.map((follower) => follower.stop()));
    await database.destroy();
    await test.drop();
  });

  it('contains the markets and products in events of markets', async () => {
    const { shelf, deliver } = await shop();

    await deliver(opened('bobs', 1), sells('bobs', 2, 'GR1', 311), sells('bobs', 3, 'SR1', 500));

    expect(shelf('bobs')).toMatchObject({ id: 'bobs', currency: 'GBP' });
    expect(price('GR1', shelf('bobs'))).toBe(311);
    expect(price('SR1', shelf('bobs'))).toBe(500);
  });

  it('applies a change at a higher revision of that market alone', async () => {
    const { shelf, deliver } = await shop();
    await deliver(opened('one', 1), sells('one', 2, 'GR1', 311), opened('two', 1), sells('two', 2, 'GR1', 320));
    const [one, two] = [shelf('one')!, shelf('two')!];

    await deliver(sells('one', 3, 'GR1', 325));

    expect(price('GR1', shelf('one'))).toBe(325);
    expect(shelf('one')!.revision).toBeGreaterThan(one.revision);
    expect(shelf('two')).toBe(two);
    expect(price('GR1', one)).toBe(311);
  });

  it.each<[what: string, late: ReceivedEvent[]]>([
    ['a repeated event', [sells('again', 5, 'GR1', 311)]],
    ['a late, older event', [sells('again', 4, 'GR1', 299)]],
    ['an older event of the market', [opened('again', 1, 'EUR')]],
  ])('is not changed by %s', async (_what, late) => {
    const { shelf, deliver } = await shop();
    await deliver(opened('again', 3), sells('again', 5, 'GR1', 311));
    const before = shelf('again');

    await deliver(...late);

    expect(shelf('again')).toBe(before);
  });

  it('has no deleted product, also after an older event of it', async () => {
    const { shelf, deliver } = await shop();
    await deliver(opened('gone', 1), sells('gone', 2, 'GR1', 311));

    await deliver(deleted('gone', 4, 'GR1'));
    await deliver(sells('gone', 3, 'GR1', 299));
    expect(shelf('gone')?.products.get('GR1')).toBeUndefined();

    await deliver(sells('gone', 5, 'GR1', 305));
    expect(price('GR1', shelf('gone'))).toBe(305);
  });

  it('applies the latest event of a batch, in whatever order they come', async () => {
    const { shelf, deliver } = await shop();

    await deliver(sells('mixed', 4, 'GR1', 325), sells('mixed', 3, 'GR1', 311), opened('mixed', 1, 'EUR'));

    expect(price('GR1', shelf('mixed'))).toBe(325);
    expect(shelf('mixed')?.currency).toBe('EUR');
  });

  it('replaces the seed by any event of a market, and nothing by the seed', async () => {
    const { shelf, deliver, read } = await shop();
    await deliver(sells('m1', 7, 'GR1', 999));

    expect(await repository.write(seedRows())).toBeGreaterThan(600);
    expect(await repository.write(seedRows())).toBe(0);
    await read();

    expect(price('GR1', shelf('m1'))).toBe(999);
    expect(price('SR1', shelf('m1'))).toBe(500);
  });

  it('has the facts of products and the terms of markets, and finds products by their codes', async () => {
    const { shelf, deliver } = await shop();
    const facts = { unit: { code: 'KGM' as const, scale: 3 }, codes: [{ kind: 'plu' as const, value: '4011' }], taxCategory: 'food' };
    const terms = { timeZone: 'Europe/Berlin', labels: [{ pattern: '21.....{NNDDD}', value: 'quantity' as const }] };
    const ham = (revision: number, more: object) => {
      const { event } = sells('deli', revision, 'HAM', 1_299);
      return received('ProductChanged', 'deli', { ...event.data as EventData<'ProductChanged'>, ...more });
    };

    await deliver(received('MarketChanged', 'deli', { market: 'deli', currency: 'GBP', rounding: 'half-up', revision: 1, ...terms }), ham(2, facts));
    const before = shelf('deli')!;
    await deliver(ham(3, {}), received('MarketChanged', 'deli', { market: 'deli', currency: 'GBP', rounding: 'half-up', revision: 4 }));
    const after = shelf('deli')!;

    expect([before.terms, before.products.get('HAM'), before.codes.get('plu:4011')]).toEqual([terms, { sku: 'HAM', name: 'HAM', unitPriceMinor: 1_299, ...facts }, 'HAM']);
    expect([after.terms, after.products.get('HAM'), after.codes.get('plu:4011')]).toEqual([{}, { sku: 'HAM', name: 'HAM', unitPriceMinor: 1_299 }, undefined]);
  });

  it('reaches every server by its own poll', async () => {
    const [one, other] = [await shop(), await shop(5)];

    await one.deliver(opened('far', 1), sells('far', 2, 'GR1', 311));

    await eventually(() => expect(price('GR1', other.shelf('far'))).toBe(311));
  });

  it('is complete up to its revision, with concurrent writers', async () => {
    const reader = await shop();
    const projection = new CatalogueProjection(repository);
    const sku = (n: number): string => `P${n}`;

    let writing = true;
    const seen: number[] = [];
    const writers = Promise.all(Array.from({ length: 6 }, async (_, writer) => {
      for (let n = 1; n <= 30; n += 1) await projection.handle([sells(`busy-${writer}`, n, sku(n), n)]);
    })).finally(() => (writing = false));
    while (writing) {
      await reader.read();
      seen.push(reader.shelf('busy-0')?.revision ?? 0);
    }
    await writers;
    await reader.read();

    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    for (let writer = 0; writer < 6; writer += 1) {
      expect([...reader.shelf(`busy-${writer}`)!.products.values()]).toHaveLength(30);
    }
  });

  it('stays in force while the database does not answer', async () => {
    const failures: unknown[] = [];
    let away = false;
    const follower = new CatalogueFollower({
      repository: {
        changesAfter: (revision) => away ? Promise.reject(new Error('away')) : repository.changesAfter(revision),
      },
      runtime: systemRuntime,
      onFailed: (failure) => void failures.push(failure),
    });
    await follower.refresh();
    const { catalogue } = follower;
    away = true;

    await follower.refresh();

    expect(failures).toEqual([new Error('away')]);
    expect(follower.catalogue).toBe(catalogue);
  });

  async function shop(everyMs = 60_000) {
    const follower = new CatalogueFollower({
      repository, runtime: systemRuntime, everyMs, onFailed: (failure) => { throw failure; },
    });
    followers.push(follower);
    await follower.start();
    const projection = new CatalogueProjection(repository);
    return {
      read: () => follower.refresh(),
      shelf: (market: string) => follower.catalogue.market('default', market),
      async deliver(...events: ReceivedEvent[]): Promise<void> {
        await projection.handle(events);
        await follower.refresh();
      },
    };
  }
});

function price(sku: string, market: { products: { get(sku: string): { unitPriceMinor: number } | undefined } } | undefined) {
  return market?.products.get(sku)?.unitPriceMinor;
}

function opened(market: string, revision: number, currency = 'GBP'): ReceivedEvent {
  return received('MarketChanged', market, { market, currency, rounding: 'half-up', revision });
}

function sells(market: string, revision: number, sku: string, amount: number): ReceivedEvent {
  const data = { market, sku, name: sku, category: null, price: { amount, currency: 'GBP' }, deleted: false, revision };
  return received('ProductChanged', market, data);
}

function deleted(market: string, revision: number, sku: string): ReceivedEvent {
  const { event } = sells(market, revision, sku, 0);
  return received('ProductChanged', market, { ...(event.data as EventData<'ProductChanged'>), deleted: true });
}

function received<T extends 'MarketChanged' | 'ProductChanged'>(type: T, market: string, data: EventData<T>): ReceivedEvent {
  const event = {
    id: `${type}-${market}-${data.revision}`, type, schemaVersion: 1, tenant: 'default', key: `default/${market}`,
    at: '2026-11-26T15:00:00Z', traceparent: '', data,
  } as ReceivedEvent['event'];
  return { topic: 'markets', partition: 0, position: data.revision, event };
}
