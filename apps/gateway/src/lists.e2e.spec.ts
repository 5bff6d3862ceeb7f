import { startSystem, type TestSystem } from '@aisle/dev/testing';

const AT_ONCE = 120;
/** Equal lists that wait share an answer, so this many different ones are requested. */
const DIFFERENT = 40;

describe('lists that many clients request at once', () => {
  let system: TestSystem;
  beforeAll(async () => {
    system = await startSystem({ 'basket-server': 1, market: 1, orders: 1, inventory: 1, 'producer-consumer': 1 });
    await call('POST', '/v1/consumers', { name: 'c1' });
    await call('POST', '/v1/markets/m1/baskets/b1/lines', { sku: 'GR1' });
    await call('POST', '/v1/consumers/c1/messages', { body: 1 });
  });
  afterAll(() => system.stop());

  it.each([
    '/v1/markets?', '/v1/markets/m1/products?', '/v1/markets/m1/products?category=none&', '/v1/markets/m1/stock/movements?',
    '/v1/markets/m1/products/GR1/stock/movements?', '/v1/markets/m1/stock/alerts?', '/v1/markets/m1/reservations?', '/v1/orders?',
    '/v1/orders?market=m1&', '/v1/consumers?', '/v1/consumers/c1?', '/v1/markets/m1/baskets/b1/journal?',
  ])('are all answered, and so are concurrent writes: %slimit=…', async (path) => {
    const lists = Array.from({ length: AT_ONCE }, (_, n) => answerTo('GET', `${path}limit=${1 + (n % DIFFERENT)}`));
    const all = Promise.all(lists);
    let isOver = false;
    void all.finally(() => (isOver = true)).catch(() => undefined);
    const writes: string[] = [];
    do {
      writes.push(
        await answerTo('POST', '/v1/markets/m1/products/GR1/stock/adjustments', { delta: 1, reason: 'found' }),
        await answerTo('POST', '/v1/markets/m1/baskets/b1/lines', { sku: 'SR1' }),
        await answerTo('POST', '/v1/consumers/c1/messages', { body: 2 }),
      );
    } while (!isOver);

    expect(new Set(await all)).toEqual(new Set(['200']));
    expect(new Set(writes)).toEqual(new Set(['200', '201']));
  });

  it.each(['/v1/strategies', '/v1/strategies/none/versions', '/v1/strategies/none/audit', '/v1/strategies/none'])(
    'are all answered alike: %s', async (path) => {
      const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => call('GET', path)));

      expect(new Set(answers).size).toBe(1);
      expect(['200', '404 strategy.missing']).toContain(answers[0]);
    },
  );

  it('have logged no error', () => {
    expect(system.errors()).toEqual([]);
  });

  /** Repeats a list that got no turn, because a slow machine may not handle 120 lists in time. */
  async function answerTo(method: string, path: string, body?: unknown): Promise<string> {
    for (;;) {
      const answer = await call(method, path, body);
      if (answer !== '503 broker.no_turn') return answer;
    }
  }

  /** The status, with the code of a failure. */
  async function call(method: string, path: string, body?: unknown): Promise<string> {
    const response = await fetch(`${system.gatewayUrl}${path}`, {
      method, ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const { code } = (await response.json()) as { code?: string };
    return [response.status, code].filter(Boolean).join(' ');
  }
});
