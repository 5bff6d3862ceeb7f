import { createDataSource } from '@aisle/persistence';
import { systemRuntime as runtime } from '@aisle/std';
import { eventually } from '@aisle/std/testing';
import { MemoryBackbone } from '../backbone/memory-backbone.ts';
import type { ReceivedEvent } from '../consumer/received-event.ts';
import { InboxPruner } from '../inbox/inbox-pruner.ts';
import { insertInbox, pruneInbox } from '../inbox/insert-inbox.ts';
import { EventWorld } from '../testing/event-world.ts';
import { insertOutbox } from './insert-outbox.ts';

describe('the outbox', () => {
  let world: EventWorld;
  let handled: ReceivedEvent[];

  beforeAll(async () => {
    world = await EventWorld.make(new MemoryBackbone({ runtime }));
  });
  beforeEach(() => {
    world.turnOver();
    handled = [];
    world.consume({ handle: async (events) => void handled.push(...events) });
  });
  afterEach(() => world.stopAll());
  afterAll(() => world.end());

  it('is written in a transaction of TypeORM as in one of pg', async () => {
    const { appUrl: url } = world.database;
    const dataSource = await createDataSource({ url, schema: 'shop', applicationName: 'test', poolMax: 1, entities: [] });
    world.relay();

    await dataSource.transaction((manager) => insertOutbox(manager, [world.event('order-1', 'by-typeorm')]));
    const known = await dataSource.transaction((manager) => insertInbox(manager, 'typeorm', ['e-1', 'e-2', 'e-1']));

    await eventually(() => expect(handled).toMatchObject([{ event: { id: 'by-typeorm' } }]));
    expect([...known].sort()).toEqual(['e-1', 'e-2']);
    await dataSource.destroy();
  });

  it('accepts and completes the rows of a trigger', async () => {
    world.relay();

    await world.pool.query(
      `INSERT INTO outbox (topic, key, type, data) VALUES ($1, 'm-1', 'MarketChanged', json_build_object('market', 'm-1'))`,
      [world.topic],
    );

    await eventually(() => expect(handled).toHaveLength(1));
    expect(handled[0]?.event).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/), type: 'MarketChanged', schemaVersion: 1, tenant: 'default', key: 'm-1',
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/), traceparent: '', data: { market: 'm-1' },
    });
  });

  it('names the principal who caused an event, and nobody for an event of the system', async () => {
    world.relay();

    await insertOutbox(world.pool, [{ ...world.event('order-1', 'asked-for'), by: 'key/7' }, world.event('order-1', 'by-itself')]);

    await eventually(() => expect(handled).toHaveLength(2));
    expect(handled.map(({ event }) => [event.id, event.by])).toEqual([['asked-for', 'key/7'], ['by-itself', undefined]]);
  });

  it('publishes all of a transaction that wrote early and commits late', async () => {
    const slow = await world.pool.connect();
    await slow.query('BEGIN');
    await insertOutbox(slow, [world.event('order-1', 'slow')]);
    world.relay();
    await insertOutbox(world.pool, [world.event('order-1', 'quick')]);
    await eventually(() => expect(handled).toHaveLength(1));

    await slow.query('COMMIT');
    slow.release();

    await eventually(() => expect(handled.map(({ event }) => event.id)).toEqual(['quick', 'slow']));
    expect(handled.map(({ position }) => position)).toEqual([1, 2]);
  });

  it('has one relay at a time, and another one after its end', async () => {
    const first = world.relay();
    await eventually(() => expect(world.of('leading')).toHaveLength(1));
    world.relay();
    await world.produce(['order-1']);
    await eventually(() => expect(handled).toHaveLength(1));
    expect(world.of('leading')).toHaveLength(1);

    await world.stop(first);
    await world.produce(['order-2']);

    await eventually(() => expect(handled).toHaveLength(2));
    expect(world.of('leading')).toHaveLength(2);
  });

  it('holds back events too far ahead of the slowest consumer', async () => {
    let goOn = (): void => {};
    const goesOn = new Promise<void>((resolve) => (goOn = resolve));
    world.consume({ name: `${world.consumer}-slow`, bufferMax: 5, batchMax: 1, handle: () => goesOn });
    await eventually(() => expect(world.of('acquired')).toHaveLength(8));
    world.relay({ aheadMax: 100, batchMax: 50 });

    for (const _ of [1, 2, 3, 4, 5]) await world.produce(Array.from({ length: 100 }, () => 'order-1'));
    await eventually(async () => expect((await world.logged()).flat()).toHaveLength(500));
    await eventually(() => expect(handled).toHaveLength(100));
    goOn();

    await eventually(() => expect(handled).toHaveLength(500));
  });
});

describe('the inbox', () => {
  it('recognises an event until it is pruned', async () => {
    const world = await EventWorld.make(new MemoryBackbone({ runtime }));
    const insert = async (...ids: string[]): Promise<string[]> => [...(await insertInbox(world.pool, 'c', ids))];

    expect(await insert('e-1', 'e-2')).toEqual(['e-1', 'e-2']);
    expect(await insert('e-2', 'e-3')).toEqual(['e-3']);
    expect(await pruneInbox(world.pool, 60_000, 10)).toBe(0);
    expect([await pruneInbox(world.pool, 0, 2), await pruneInbox(world.pool, 0, 2)]).toEqual([2, 1]);

    expect(await insert('e-1')).toEqual(['e-1']);
    await world.end();
  });

  it('is pruned by TypeORM as by pg', async () => {
    const world = await EventWorld.make(new MemoryBackbone({ runtime }));
    const { appUrl: url } = world.database;
    const client = await createDataSource({ url, schema: 'shop', applicationName: 'test', poolMax: 1, entities: [] });
    await insertInbox(client, 'c', ['e-1', 'e-2']);

    await new InboxPruner({ client, retentionMs: 0, runtime, onFailed: (error) => { throw error; } }).pass();

    expect([...(await insertInbox(client, 'c', ['e-1', 'e-2']))]).toEqual(['e-1', 'e-2']);
    await client.destroy();
    await world.end();
  });
});
