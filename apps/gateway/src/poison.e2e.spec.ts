import { FrameSender, Requester, createRedisTransport } from '@aisle/broker';
import { StockProtocol, addresseeOf } from '@aisle/contracts';
import { startSystem, type TestSystem } from '@aisle/dev/testing';
import { systemRuntime as runtime, uuidv7 } from '@aisle/std';
import { eventually } from '@aisle/std/testing';
import { Redis } from 'ioredis';
import { Client } from 'pg';

const JSON_TYPE = { 'content-type': 'application/json' };
const ROUNDS = 20;
const POISON = 40;
/** Adjustments that the edge refuses, and that no process accepts from another one. */
const ADJUSTMENTS: readonly unknown[] = [
  { delta: 1, reason: 'zero \0 byte' }, { delta: 1, reason: 'a day', expiresOn: '0000-01-01' }, { delta: 1, reason: { no: 'text\0' } },
  { delta: Number.NaN, reason: 'no number' }, { delta: '1', reason: 'a text' }, [], null, 7,
];
/** A reason that the database refuses. It stands for any data that passes all earlier checks. */
const UNSTORABLE = { delta: 1, reason: 'unstorable' };
const ENTRIES = ['\0', '{garbage', 'null', '[]', '{"id":"x","type":"OrderCreated","key":"k","data":{}}', 'x'.repeat(500_000)];

describe('poison behind the edge', () => {
  let system: TestSystem;
  let redis: Redis;
  let transport: ReturnType<typeof createRedisTransport>;
  let requester: Requester;

  beforeAll(async () => {
    system = await startSystem({ 'basket-server': 1, market: 1, orders: 1, inventory: 1 });
    redis = new Redis(system.redisUrl);
    transport = createRedisTransport({ url: system.redisUrl, keyPrefix: `${system.redisKeyPrefix}:`, runtime });
    requester = new Requester({ transport, runtime, sender: new FrameSender({ transport, runtime }), replyQueue: `forger-${uuidv7(runtime)}` });
    await plant(`ALTER TABLE market.movement ADD CONSTRAINT poison CHECK (reason IS DISTINCT FROM '${UNSTORABLE.reason}') NOT VALID`);
    for (const market of ['sick', 'well']) {
      await call('PUT', `/v1/markets/${market}`, { currency: 'GBP' });
      await call('POST', `/v1/markets/${market}/products`, { sku: 'tea', name: 'Tea', price: { amount: 100, currency: 'GBP' }, quantity: 1_000 });
    }
    await eventually(async () => expect((await order()).status).toBe(202));
  });

  afterAll(async () => {
    await requester.close();
    await transport.close();
    redis.disconnect();
    await system.stop();
  });

  it('in writes of one market fails these writes, and none of another market', async () => {
    let left = POISON;
    const poisoned = (async () => {
      const names: string[] = [];
      for (; left > 0; left -= 1) names.push(await forge(UNSTORABLE));
      return names;
    })();
    const answers = new Set<string>();
    let rounds = 0;
    // At least this many writes, and more until the last poison is answered.
    for (; rounds < ROUNDS || left > 0; rounds += 1) {
      for (const each of await Promise.all([adjust('well'), adjust('sick'), adjust('well')])) each.forEach((answer) => answers.add(answer));
    }

    expect(new Set(await poisoned)).toEqual(new Set(['RemoteCrash']));
    // On a busy machine, a shard may move or an answer may be late. But no answer may report a journal that is away, or a bug.
    expect([...answers].filter((answer) => !/^(200|504|503 (cluster|journal\.(shard_lost|lease_uncertain)))/.test(answer))).toEqual([]);
    expect([await onHand('well'), await onHand('sick')]).toEqual([1_000 + 2 * rounds, 1_000 + rounds]);
    // The logger writes some lines of a storm, and a last one counts the rest.
    const refusals = await eventually(() => {
      const lines = system.errors().filter((line) => line.includes('UnstorableEvent'));
      expect(lines.reduce((sum, line) => sum + ((JSON.parse(line) as { repeated?: number }).repeated ?? 1), 0)).toBe(POISON);
      return lines;
    });
    expect(refusals.every((line) => line.includes('default/sick/sick'))).toBe(true);
    expect(refusals.filter((line) => line.includes('unstorable'))).toEqual([]);
  });

  it('that is not a valid message is refused and counted where it enters a process', async () => {
    const before = system.errors().length;

    const answers = await Promise.all(ADJUSTMENTS.map(forge));

    expect(answers).toEqual(ADJUSTMENTS.map(() => 'message.body_invalid'));
    expect(await refused('stock.adjust')).toBe(ADJUSTMENTS.length);
    expect(system.errors()).toHaveLength(before);
  });

  it('in a stream of events becomes a dead letter; orders before and after it are confirmed', async () => {
    const before = await Promise.all(Array.from({ length: 4 }, placed));

    for (const topic of ['orders', 'inventory', 'markets']) {
      for (let partition = 0; partition < 4; partition += 1) await poison(`${system.redisKeyPrefix}:events:{${topic}}:${partition}`);
    }
    const behind = await Promise.all(Array.from({ length: 8 }, placed));

    for (const id of [...before, ...behind]) {
      await eventually(async () => expect((await call('GET', `/v1/orders/${id}`)).body).toMatchObject({ status: 'CONFIRMED' }));
    }
    await eventually(() => expect(system.errors().filter((line) => line.includes('StrayEntry')).length).toBeGreaterThanOrEqual(12));
  });

  /** Sends an adjustment past the gateway, and returns the code of its outcome. */
  function forge(adjustment: unknown): Promise<string> {
    const { type, queue } = StockProtocol.adjust;
    const header = {
      id: uuidv7(runtime), type, tenant: 'default', ...addresseeOf(StockProtocol, { market: 'sick' }), traceparent: '',
      deadlineMs: runtime.clock.nowMs() + 20_000,
    };
    return requester.request(queue, header, { sku: 'tea', adjustment }).then(
      () => 'acknowledged',
      (error: Error & { code?: string }) => (error.name === 'RemoteFailure' ? (error.code ?? '') : error.name),
    );
  }

  /** The number of messages of a type that the processes have refused. */
  async function refused(type: string): Promise<number> {
    const counted = await Promise.all(system.apps.map(async ({ opsUrl }) => {
      const metrics = await (await fetch(`${opsUrl}/metrics`)).text();
      return Number(new RegExp(`^messages_refused_total\\{type="${type}",why="body".*\\} (\\d+)$`, 'm').exec(metrics)?.[1] ?? 0);
    }));
    return counted.reduce((sum, count) => sum + count, 0);
  }

  async function plant(sql: string): Promise<void> {
    const url = new URL(system.adminDatabaseUrl);
    url.pathname = new URL(system.databaseUrlOf('market')).pathname;
    const client = new Client({ connectionString: url.toString() });
    await client.connect();
    await client.query(sql);
    await client.end();
  }

  async function poison(stream: string): Promise<void> {
    for (const body of ENTRIES) {
      const info = (await redis.xinfo('STREAM', stream).catch(() => ['last-generated-id', '0-0'])) as unknown[];
      const last = Number.parseInt(String(info[info.indexOf('last-generated-id') + 1]), 10);
      // The relay may have created the stream again in between.
      await redis.xadd(stream, `${last + 1}-0`, 'event', body).catch(() => undefined);
    }
  }

  /** Adjusts once, repeats the request under its key while the answer asks for that, and returns the answers. */
  async function adjust(market: string): Promise<string[]> {
    const key = uuidv7(runtime);
    const path = `/v1/markets/${market}/products/tea/stock/adjustments`;
    const answers: string[] = [];
    for (;;) {
      const { status, body } = await call('POST', path, { delta: 1, reason: 'delivery' }, { 'idempotency-key': key });
      answers.push(`${status} ${body.code ?? ''}`);
      if (status !== 503 && status !== 504) return answers;
    }
  }

  async function onHand(market: string): Promise<number | undefined> {
    return (await call('GET', `/v1/markets/${market}/products/tea/stock`)).body.onHand;
  }

  async function placed(): Promise<string> {
    const { status, body } = await order();
    expect(status).toBe(202);
    return body.id ?? '';
  }

  function order() {
    return call('POST', '/v1/orders', { market: 'well', lines: [{ sku: 'tea' }] });
  }

  async function call(method: string, path: string, body?: object, headers?: object): Promise<{ status: number; body: Body }> {
    const response = await fetch(`${system.gatewayUrl}${path}`, {
      method, headers: { ...(body ? JSON_TYPE : {}), ...headers }, ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return { status: response.status, body: (await response.json()) as Body };
  }
});

interface Body {
  readonly id?: string;
  readonly status?: string;
  readonly code?: string;
  readonly onHand?: number;
}
