import { createPool } from '@aisle/persistence';
import { systemRuntime as runtime } from '@aisle/std';
import { eventually } from '@aisle/std/testing';
import { MemoryBackbone } from '../backbone/memory-backbone.ts';
import { EventWorld } from '../testing/event-world.ts';
import { forgetConsumer, knownConsumers } from './known-consumers.ts';

// The statements of docs/following-events.md.
const POLL = `
  SELECT partition, position::float8 AS position, key, event FROM shop.outbox_log
  WHERE topic = $1 AND partition = $2 AND position > $3 ORDER BY position LIMIT 500`;

describe('a program outside that follows a topic', () => {
  let world: EventWorld;
  let role: string;
  let admin: ReturnType<typeof createPool>;
  let outside: ReturnType<typeof createPool>;

  beforeAll(async () => {
    world = await EventWorld.make(new MemoryBackbone({ runtime }));
    const url = new URL(world.database.appUrl);
    role = `${url.username}_out`;
    const adminUrl = new URL(world.database.adminUrl);
    adminUrl.pathname = url.pathname;
    admin = createPool({ url: adminUrl.toString(), schema: 'public', applicationName: 'test', poolMax: 1 });
    await admin.query(`
      CREATE ROLE ${role} LOGIN PASSWORD 'outside';
      GRANT CONNECT ON DATABASE ${url.pathname.slice(1)} TO ${role};
      GRANT USAGE ON SCHEMA shop, events TO ${role};
      GRANT SELECT ON shop.outbox_log TO ${role};
      GRANT EXECUTE ON FUNCTION events.follow, events.passed TO ${role}`);
    [url.username, url.password] = [role, 'outside'];
    outside = createPool({ url: url.toString(), schema: 'public', applicationName: 'outside', poolMax: 1 });
  });
  beforeEach(() => world.turnOver());
  afterEach(() => world.stopAll());
  afterAll(async () => {
    await outside.end();
    await admin.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    await admin.end();
    await world.end();
  });

  it('gets every event after its start, in the order of each key, however late it polls', async () => {
    world.relay();
    world.consume({ handle: async () => undefined });
    await follow();

    await world.produce(KEYS);
    await world.settled();
    const first = await poll();
    await world.produce(KEYS);
    await world.settled();
    const second = await poll();

    expect(first.map(({ key }) => key).sort()).toEqual([...KEYS].sort());
    expect(second.map(({ key }) => key).sort()).toEqual([...KEYS].sort());
    expect(await poll()).toEqual([]);
    for (const key of new Set(KEYS)) {
      const ids = [...first, ...second].filter((event) => event.key === key).map(({ event }) => event.id);
      expect(new Set(ids).size).toBe(2 * KEYS.filter((each) => each === key).length);
    }
  });

  it('keeps events until it has passed them, or is forgotten', async () => {
    world.relay();
    world.consume({ handle: async () => undefined });
    await follow();
    await world.produce(KEYS);
    await world.settled();

    expect(await knownConsumers(world.pool, [world.topic])).toContainEqual(
      { consumer: `outside:${role}`, topic: world.topic, behind: KEYS.length, isAlive: false },
    );
    expect((await world.logged()).flat()).toHaveLength(KEYS.length);
    await forgetConsumer(world.pool, `outside:${role}`, [world.topic]);

    await eventually(async () => expect((await world.logged()).flat()).toEqual([]));
  });

  it('begins with the events kept for others, moves only its own position, and never back', async () => {
    world.relay();
    world.consume({ handle: async () => undefined });
    await world.produce(KEYS);
    await world.settled();
    await eventually(async () => expect((await world.logged()).flat()).toEqual([]));

    expect((await follow()).map(({ passed }) => passed)).toEqual(await world.positions());
    await outside.query('SELECT events.passed($1, 0, 1000), events.passed($1, 0, 5)', [world.topic]);

    expect((await follow())[0]).toEqual({ partition: 0, passed: 1000 });
    expect(await world.positions()).not.toContain(1000);
    for (const statement of [
      'UPDATE events.checkpoint SET position = 9', 'SELECT * FROM events.checkpoint', 'SELECT * FROM events.seal', 'DELETE FROM shop.outbox_log',
      'SELECT * FROM shop.outbox',
    ]) await expect(outside.query(statement)).rejects.toMatchObject({ code: '42501' });
  });

  async function follow(): Promise<{ partition: number; passed: number }[]> {
    const sql = 'SELECT partition, passed::float8 AS passed FROM events.follow($1)';
    return (await outside.query<{ partition: number; passed: number }>(sql, [world.topic])).rows;
  }

  async function poll(): Promise<{ key: string; event: { id: string } }[]> {
    const events: { key: string; event: { id: string } }[] = [];
    for (const { partition, passed } of await follow()) {
      const { rows } = await outside.query<{ position: number; key: string; event: { id: string } }>(POLL, [world.topic, partition, passed]);
      events.push(...rows);
      const last = rows.at(-1);
      if (last) await outside.query('SELECT events.passed($1, $2, $3)', [world.topic, partition, last.position]);
    }
    return events;
  }
});

const KEYS = ['a', 'b', 'c', 'a', 'd', 'b', 'e'];
