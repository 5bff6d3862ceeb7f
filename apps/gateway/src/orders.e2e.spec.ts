import { Redis } from 'ioredis';
import { Client } from 'pg';
import { startSystem, type TestSystem } from '@aisle/dev/testing';
import { eventually } from '@aisle/std/testing';

const JSON_TYPE = { 'content-type': 'application/json' };
// The seed has a thousand units of each of these: enough for ten orders of a hundred.
const HUNDRED = 100;

describe('orders', () => {
  let system: TestSystem;
  let database: Client;
  let keys = 0;

  beforeAll(async () => {
    system = await startSystem({ 'basket-server': 1, market: 1, orders: 1, inventory: 1 });
    const url = new URL(system.adminDatabaseUrl);
    url.pathname = new URL(system.databaseUrlOf('orders')).pathname;
    database = new Client({ connectionString: url.toString() });
    await database.connect();
  });

  afterAll(async () => {
    await database.end();
    await system.stop();
  });

  describe('over HTTP', () => {
    it('are accepted with 202, can be read at their Location, and are CONFIRMED soon', async () => {
      const taken = await call('POST', '/v1/orders', { market: 'm1', lines: [{ sku: 'GR1', quantity: 2 }, { sku: 'SR1' }] });

      const location = taken.headers.get('location') ?? '';
      expect([taken.status, location]).toEqual([202, `/v1/orders/${taken.body.id}`]);
      expect(taken.body).toMatchObject({
        market: 'm1', status: 'PENDING', total: { amount: 311 + 500, currency: 'GBP' },
        lines: [
          { sku: 'GR1', name: 'Green tea', category: 'tea', quantity: 2, gross: { amount: 622 }, net: { amount: 311 }, total: { amount: 311 } },
          { sku: 'SR1', quantity: 1, total: { amount: 500 } },
        ],
        history: [{ status: 'PENDING' }],
      });
      expect((await call('GET', location)).status).toBe(200);
      await ended(taken.body.id, 'CONFIRMED');
      expect((await call('GET', `${location}/history`)).body.items.map(({ status }) => status)).toEqual([
        'PENDING', 'RESERVED', 'CONFIRMED',
      ]);
    });

    it('are placed once under one key, with the same answer', async () => {
      const headers = { 'idempotency-key': 'order 66' };
      const body = { market: 'm1', lines: [{ sku: 'CF1' }] };

      const first = await call('POST', '/v1/orders', body, headers);
      await ended(first.body.id, 'CONFIRMED');
      const again = await call('POST', '/v1/orders', body, headers);
      const other = await call('POST', '/v1/orders', { ...body, allowPartial: true }, headers);

      expect(again.body).toEqual(first.body);
      expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([202, 'true']);
      expect([other.status, other.body.code]).toEqual([422, 'idempotency.mismatch']);
    });

    it('are either cancelled, which releases their stock, or fulfilled', async () => {
      const [one, other] = [await confirmed('P0001'), await confirmed('P0001')];

      const cancelled = await call('POST', `/v1/orders/${one}/cancel`);
      const fulfilled = await call('POST', `/v1/orders/${other}/fulfil`);
      const tooLate = await call('POST', `/v1/orders/${other}/cancel`);
      const gone = await call('POST', `/v1/orders/${one}/fulfil`);

      expect([cancelled.body.status, fulfilled.body.status]).toEqual(['CANCELLED', 'FULFILLED']);
      expect([tooLate.status, tooLate.body.code]).toEqual([409, 'order.not_cancellable']);
      expect([gone.status, gone.body.code]).toEqual([409, 'order.not_fulfillable']);
      expect(await stockOf('m1', 'P0001')).toEqual({ onHand: 900, reserved: 0 });
    });

    it('get the available units if they allow partial delivery', async () => {
      await confirmed('P0002', 900);

      const partial = await order('partial', 'm1', 'P0002', 200, { allowPartial: true });

      const end = await ended(partial.body.id, 'CONFIRMED');
      expect(end).toMatchObject({ missing: [{ sku: 'P0002', quantity: 100 }] });
      expect(end.total.amount).toBe(partial.body.total.amount / 2);
    });

    it.each<[what: string, method: string, path: string, body: unknown, status: number, code: string]>([
      ['of nothing', 'POST', '/v1/orders', { market: 'm1', lines: [] }, 400, 'input.invalid'],
      ['of too much', 'POST', '/v1/orders', { market: 'm1', lines: [{ sku: 'GR1', quantity: 10_000 }] }, 400, 'input.invalid'],
      ['with a price', 'POST', '/v1/orders', { market: 'm1', lines: [{ sku: 'GR1', net: 1 }] }, 400, 'input.invalid'],
      ['that do not exist', 'GET', '/v1/orders/nobody', undefined, 404, 'order.missing'],
      ['that do not exist, at their cancellation', 'POST', '/v1/orders/nobody/cancel', undefined, 404, 'order.missing'],
      ['by an invalid risk', 'GET', '/v1/orders?atRisk=maybe', undefined, 400, 'input.invalid'],
      ['by an unknown status', 'GET', '/v1/orders?status=LOST', undefined, 400, 'input.invalid'],
      ['from an invalid cursor', 'GET', '/v1/orders?cursor=nonsense', undefined, 400, 'order.cursor_invalid'],
    ])('are refused: %s', async (_what, method, path, body, status, code) => {
      const answer = await call(method, path, body);

      expect([answer.status, answer.body.code]).toEqual([status, code]);
      expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    });

    it('can be traced through the logs of every process that handles them', async () => {
      const traceId = 'c0ffee'.padEnd(32, '0');
      const taken = await call('POST', '/v1/orders', { market: 'm1', lines: [{ sku: 'GR1' }] }, {
        traceparent: `00-${traceId}-${'1'.repeat(16)}-01`,
      });
      await ended(taken.body.id, 'CONFIRMED');

      const said = (app: string): string[] =>
        system.apps
          .filter(({ instance }) => instance.startsWith(app))
          .flatMap(({ logs }) => logs.filter((line) => line.includes(traceId)))
          .map((line) => (JSON.parse(line) as { message: string }).message);

      await eventually(() => {
        expect(said('orders')).toEqual(expect.arrayContaining(['order placed', 'order reserved', 'order confirmed']));
        expect(said('inventory')).toEqual(['inventory updated']);
        expect(said('market')).toEqual(expect.arrayContaining(['stock reserved', 'stock committed']));
      });
    });
  });

  describe('a hundred at once of stock for ten', () => {
    afterEach(() => database.query('DROP SCHEMA IF EXISTS chaos CASCADE'));

    it('have exactly ten confirmed', async () => {
      const ids = await orderHundred('m2', 'P0010');

      await expectTen('m2', 'P0010', ids);
    });

    it('have exactly ten confirmed when every inventory process is killed in the middle', async () => {
      const ordered = orderHundred('m2', 'P0011');
      await eventually(async () => {
        const { rows } = await database.query(`SELECT 1 FROM orders.order_line WHERE sku = 'P0011'`);
        expect(rows.length).toBeGreaterThan(0);
      });
      for (const app of system.apps.filter(({ instance }) => instance.startsWith('inventory'))) {
        app.signal('SIGKILL');
        await app.ended();
      }
      await system.start('inventory');

      await expectTen('m2', 'P0011', await ordered);
    });

    it('have exactly ten confirmed when every event is delivered three times', async () => {
      await onOutboxes(`
        CREATE TABLE chaos.told (id text);
        CREATE FUNCTION chaos.on_told() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
          INSERT INTO chaos.told VALUES (NEW.id);
          IF current_setting('chaos.copies', true) = 'yes' THEN RETURN NULL; END IF;
          PERFORM set_config('chaos.copies', 'yes', true);
          EXECUTE format('INSERT INTO %I.outbox (topic, key, type, tenant, id, at, traceparent, data)
            SELECT $1, $2, $3, $4, $5, $6, $7, $8 FROM generate_series(1, 2)', TG_TABLE_SCHEMA)
            USING NEW.topic, NEW.key, NEW.type, NEW.tenant, NEW.id, NEW.at, NEW.traceparent, NEW.data;
          PERFORM set_config('chaos.copies', 'no', true);
          RETURN NULL;
        END $$`, 'AFTER');

      const ids = await orderHundred('m3', 'P0012');

      await expectTen('m3', 'P0012', ids);
      const { rows } = await database.query<{ copies: number; events: number }>(
        'SELECT copies, count(*)::int AS events FROM (SELECT count(*)::int AS copies FROM chaos.told GROUP BY id) AS told GROUP BY 1',
      );
      expect(rows).toEqual([{ copies: 3, events: expect.any(Number) }]);
      expect(rows[0]?.events).toBeGreaterThanOrEqual(100 + 100 + 100);
    });

    it('have exactly ten confirmed when events arrive twice and in any order', async () => {
      await onOutboxes(`
        CREATE TABLE chaos.held (schema text, topic text, key text, type text, tenant text, id text, at timestamptz,
          traceparent text, data json);
        CREATE FUNCTION chaos.on_told() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
          IF current_setting('chaos.lets_go', true) = 'yes' THEN RETURN NEW; END IF;
          INSERT INTO chaos.held SELECT TG_TABLE_SCHEMA, NEW.topic, NEW.key, NEW.type, NEW.tenant, NEW.id, NEW.at,
            NEW.traceparent, NEW.data FROM generate_series(1, 2);
          RETURN NULL;
        END $$`, 'BEFORE');
      const letting = letGo();

      const ids = await orderHundred('m3', 'P0013');
      await expectTen('m3', 'P0013', ids);

      await letting.stop();
    });

    async function orderHundred(market: string, sku: string): Promise<string[]> {
      const answers = await Promise.all(Array.from({ length: 100 }, (_, n) => order(`${sku}-${n}`, market, sku)));
      return answers.map(({ body }) => body.id);
    }

    async function expectTen(market: string, sku: string, ids: readonly string[]): Promise<void> {
      await eventually(async () => {
        const { rows } = await database.query<{ status: string; reason: string | null; orders: number }>(
          'SELECT status, reason, count(*)::int AS orders FROM orders.orders WHERE id = ANY ($1) GROUP BY 1, 2 ORDER BY 1', [ids],
        );
        expect(rows).toEqual([
          { status: 'CONFIRMED', reason: null, orders: 10 },
          { status: 'REJECTED', reason: 'out_of_stock', orders: 90 },
        ]);
      });
      expect(await stockOf(market, sku)).toEqual({ onHand: 1_000, reserved: 1_000 });
      const { rows } = await database.query('SELECT 1 FROM events.dead_letter');
      expect(rows).toEqual([]);
    }
  });

  describe('three thousand, while Redis is flushed in the middle', () => {
    it('each have exactly one outcome, and the stock for a thousand is sold to a thousand', async () => {
      const redis = new Redis(system.redisUrl);
      const [sku, ids] = ['P0014', [] as string[]];
      let sent = 0;
      const client = async (): Promise<void> => {
        while (sent < 3_000) {
          const number = (sent += 1);
          if (number === 1_500) await redis.flushall();
          ids.push((await order(`${sku}-${number}`, 'm3', sku, 1)).body.id);
        }
      };

      await Promise.all(Array.from({ length: 64 }, client));
      redis.disconnect();

      expect(new Set(ids).size).toBe(3_000);
      await eventually(async () => {
        const { rows } = await database.query<{ status: string; orders: number }>(
          `SELECT status, count(*)::int AS orders FROM orders.orders JOIN orders.order_line USING (tenant) WHERE order_id = id
           AND orders.market = 'm3' AND sku = $1 GROUP BY 1 ORDER BY 1`, [sku],
        );
        expect(rows).toEqual([{ status: 'CONFIRMED', orders: 1_000 }, { status: 'REJECTED', orders: 2_000 }]);
      });
      expect(await stockOf('m3', sku)).toEqual({ onHand: 1_000, reserved: 1_000 });
    });
  });

  /** Adds a trigger to the outbox of each app that handles orders. */
  async function onOutboxes(statements: string, when: 'AFTER' | 'BEFORE'): Promise<void> {
    await database.query(`CREATE SCHEMA chaos; ${statements}`);
    for (const schema of ['orders', 'inventory', 'market']) {
      await database.query(
        `CREATE TRIGGER chaos ${when} INSERT ON ${schema}.outbox FOR EACH ROW EXECUTE FUNCTION chaos.on_told()`,
      );
    }
  }

  /** Releases held events a few at a time, in any order. */
  function letGo(): { stop(): Promise<void> } {
    let stopped = false;
    const going = (async () => {
      const client = new Client({ connectionString: databaseUrl() });
      await client.connect();
      await client.query(`SET chaos.lets_go = 'yes'`);
      for (let held = 1; !stopped || held > 0; ) {
        held = 0;
        for (const schema of ['orders', 'inventory', 'market']) {
          const { rowCount } = await client.query(
            `WITH gone AS (
               DELETE FROM chaos.held WHERE ctid IN (
                 SELECT ctid FROM chaos.held WHERE schema = $1 ORDER BY random() LIMIT 40) RETURNING *)
             INSERT INTO ${schema}.outbox (topic, key, type, tenant, id, at, traceparent, data)
             SELECT topic, key, type, tenant, id, at, traceparent, data FROM gone ORDER BY random()`, [schema],
          );
          held += rowCount ?? 0;
        }
      }
      await client.end();
    })();
    return {
      stop() {
        stopped = true;
        return going;
      },
    };
  }

  function databaseUrl(): string {
    const url = new URL(system.adminDatabaseUrl);
    url.pathname = new URL(system.databaseUrlOf('orders')).pathname;
    return url.toString();
  }

  async function stockOf(market: string, sku: string): Promise<unknown> {
    const { rows } = await database.query(
      'SELECT on_hand::int AS "onHand", reserved::int FROM market.product WHERE market = $1 AND sku = $2', [market, sku],
    );
    return rows[0];
  }

  async function confirmed(sku: string, quantity = HUNDRED): Promise<string> {
    const { body } = await call('POST', '/v1/orders', { market: 'm1', lines: [{ sku, quantity }] });
    await ended(body.id, 'CONFIRMED');
    return body.id;
  }

  function ended(id: string, status: string): Promise<Answer> {
    return eventually(async () => {
      const { body } = await call('GET', `/v1/orders/${id}`);
      expect(body.status).toBe(status);
      return body;
    });
  }

  function order(key: string, market: string, sku: string, quantity = HUNDRED, more = {}): Promise<Answered> {
    return call('POST', '/v1/orders', { market, lines: [{ sku, quantity }], ...more }, { 'idempotency-key': key });
  }

  /** Repeats unavailable requests under the same key, as a client does. */
  async function call(method: string, path: string, body?: unknown, headers = {}): Promise<Answered> {
    keys += 1;
    const key = { 'idempotency-key': `key ${keys}` };
    for (;;) {
      const response = await fetch(`${system.gatewayUrl}${path}`, {
        method,
        headers: { ...(body === undefined ? {} : JSON_TYPE), ...key, ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const answer = { status: response.status, headers: response.headers, body: (await response.json()) as Answer };
      if (![429, 503, 504].includes(answer.status)) return answer;
    }
  }
});

interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Answer;
}

interface Answer {
  readonly id: string;
  readonly status: string;
  readonly code: string;
  readonly total: { amount: number };
  readonly items: { status: string }[];
}
