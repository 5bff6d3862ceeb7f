import { DeadLetters, eventsSchema, outboxMigrations, type Burial } from '@aisle/events';
import { createPool, migrate, prepareDatabase } from '@aisle/persistence';
import { testDatabase, type TestDatabase } from '@aisle/persistence/testing';
import { OpsRoutes } from './ops-routes.ts';
import { showConsumers, showDeadLetters } from './show-events.ts';

describe('events on the ops port', () => {
  const routes = new OpsRoutes();
  let database: TestDatabase;
  let pool: ReturnType<typeof createPool>;
  let close: () => Promise<void>;

  beforeAll(async () => {
    database = await testDatabase({ schema: 'shop', migrations: outboxMigrations });
    await prepareDatabase({ ...database, schema: eventsSchema.schema });
    await migrate({ ...database, ...eventsSchema });
    const connection = { url: database.appUrl, applicationName: 'test' };
    pool = createPool({ ...connection, schema: 'shop', poolMax: 1 });
    ({ close } = showDeadLetters(routes, { connection, consumers: ['ours', 'ours too'] }));
    showConsumers(routes, { connection, client: pool, topics: ['told'] });
  });
  beforeEach(async () => {
    await pool.query('DELETE FROM events.dead_letter');
    const events = createPool({ url: database.appUrl, schema: 'events', applicationName: 'test', poolMax: 1 });
    const letters = new DeadLetters(events);
    for (const letter of LETTERS) await letters.bury({ ...LETTER, ...letter });
    await events.end();
  });
  afterAll(async () => {
    await close();
    await pool.end();
    await database.drop();
  });

  it('show the dead letters of the app\'s own consumers, page by page', async () => {
    const first = await items('dead-letters', { limit: '2' });
    const rest = await items('dead-letters', { after: String(first.at(-1)?.['id']) });

    expect([...first, ...rest]).toMatchObject([
      { consumer: 'ours', code: 'TypeError' }, { consumer: 'ours', code: 'TypeError' }, { consumer: 'ours too', code: 'thing.odd' },
    ]);
    expect(await items('dead-letters', { code: 'thing.odd' })).toMatchObject([{ consumer: 'ours too' }]);
    expect(await items('dead-letters', { consumer: 'theirs' })).toEqual([]);
  });

  it('show groups of dead letters', async () => {
    expect(await items('dead-letters/groups')).toMatchObject([
      { consumer: 'ours', code: 'TypeError', count: 2 }, { consumer: 'ours too', code: 'thing.odd', count: 1 },
    ]);
  });

  it.each<{ chosen: object; count: number }>([
    { chosen: { all: true }, count: 3 },
    { chosen: { consumer: 'ours' }, count: 2 },
    { chosen: { code: 'thing.odd' }, count: 1 },
    { chosen: { consumer: 'theirs' }, count: 0 },
    { chosen: { ids: [] }, count: 0 },
  ])('redrive and discard only own dead letters that $chosen selects', async ({ chosen, count }) => {
    expect(await operate('dead-letters/redrive', chosen)).toEqual({ redriven: count });
    expect(await operate('dead-letters/redrive', chosen)).toEqual({ redriven: 0 });
    expect(await operate('dead-letters/discard', chosen)).toEqual({ discarded: count });

    const { rows } = await pool.query('SELECT 1 FROM events.dead_letter');
    expect(rows).toHaveLength(LETTERS.length - count);
  });

  it('discard and redrive nothing without a selection', async () => {
    for (const operation of ['dead-letters/discard', 'dead-letters/redrive']) {
      await expect(operate(operation, {})).rejects.toMatchObject({ code: 'input.invalid' });
      await expect(operate(operation, { all: false })).rejects.toMatchObject({ code: 'input.invalid' });
      await expect(operate(operation, { kind: 'x' })).rejects.toMatchObject({ code: 'input.invalid' });
    }
  });

  it("show the consumers of the app's topics, and forget a retired one", async () => {
    await pool.query(`INSERT INTO outbox_partition (topic, partition, position) VALUES ('told', 0, 7)`);
    await pool.query(`INSERT INTO events.checkpoint (consumer, topic, partition, position) VALUES ('gone', 'told', 0, 3), ('gone', 'heard', 0, 1)`);

    expect(await items('consumers')).toEqual([{ consumer: 'gone', topic: 'told', behind: 4, isAlive: false }]);
    expect(await operate('consumers/forget', { consumer: 'gone' })).toEqual({ consumer: 'gone', topics: ['told'] });

    expect(await items('consumers')).toEqual([]);
    const { rows } = await pool.query('SELECT topic FROM events.checkpoint');
    expect(rows).toEqual([{ topic: 'heard' }]);
  });

  async function items(view: string, query: object = {}): Promise<Record<string, unknown>[]> {
    return ((await routes.views.get(`/ops/${view}`)?.(query)) as { items: Record<string, unknown>[] }).items;
  }

  async function operate(name: string, body: object): Promise<unknown> {
    return routes.operations.get(`/ops/${name}`)?.(body);
  }
});

const LETTER: Burial = {
  consumer: 'ours', topic: 'told', partition: 0, position: 1, eventId: 'e', type: 'OrderFulfilled', key: 'k', body: '{}', isEscaped: false,
  isStray: false, code: 'TypeError', error: 'cannot be', attempts: 5,
};

const LETTERS: readonly Partial<Burial>[] = [
  {}, { position: 2 }, { consumer: 'ours too', code: 'thing.odd' }, { consumer: 'theirs' },
];
