import type { CheckedOut, Order } from '@aisle/contracts';
import { startSystem, type AppProcess, type TestSystem } from '@aisle/dev/testing';
import { eventually } from '@aisle/std/testing';

const JSON_TYPE = { 'content-type': 'application/json' };

describe('checking out, with every process behind the gateway', () => {
  let system: TestSystem;

  beforeAll(async () => {
    system = await startSystem({ 'basket-server': 2, market: 1, orders: 1, inventory: 1 });
    // At first, the seed's products have not reached all processes yet.
    await eventually(async () => expect((await checkOut(await basketOf({ GR1: 1 }))).status).toBe(202));
  });

  afterAll(() => system.stop());

  it('places an order that can be read at its Location, and empties the basket', async () => {
    const basket = await basketOf({ GR1: 3, SR1: 3 });

    const answer = await checkOut(basket);

    expect(answer.status).toBe(202);
    expect(answer.body).toMatchObject({
      market: 'm1', basket,
      lines: [
        { sku: 'GR1', quantity: 3, unitPrice: gbp(311), net: gbp(622) },
        { sku: 'SR1', quantity: 3, unitPrice: gbp(500), net: gbp(1_350) },
      ],
      total: gbp(1_972),
    });
    expect(answer.headers.get('location')).toBe(`/v1/orders/${answer.body.orderId}`);
    expect(await orderAt(answer)).toMatchObject({
      id: answer.body.orderId, basket, lines: answer.body.lines, adjustments: answer.body.adjustments, total: gbp(1_972),
    });
    expect(answer.body.lines.reduce((sum, { total }) => sum + total.amount, 0)).toBe(1_972);
    await eventually(async () => {
      const left = await call<Basket>('GET', basket);
      expect([left.status, left.headers.get('etag')]).toEqual([200, answer.headers.get('etag')]);
      expect(left.body).toMatchObject({ lines: [], total: gbp(0) });
    });
  });

  it('places an order that gets its stock from the market', async () => {
    const answer = await checkOut(await basketOf({ GR1: 1, CF1: 2 }));

    await eventually(async () => expect(await orderAt(answer)).toMatchObject({ status: 'CONFIRMED' }));
  });

  it('names the missing units of a rejected order, and returns its lines to the basket', async () => {
    const basket = await basketOf({ SR1: 99_999, GR1: 2 });

    const answer = await checkOut(basket);
    const rejected = { status: 'REJECTED', reason: 'out_of_stock', missing: [{ sku: 'SR1', quantity: expect.any(Number) }] };
    await eventually(async () => expect(await orderAt(answer)).toMatchObject(rejected));

    await eventually(async () => {
      const { lines } = (await call<Basket>('GET', basket)).body;
      expect(lines).toHaveLength(2);
      expect(lines).toEqual(expect.arrayContaining([
        expect.objectContaining({ sku: 'SR1', quantity: 99_999 }), expect.objectContaining({ sku: 'GR1', quantity: 2 }),
      ]));
    });
  });

  it('returns the lines of a rejected order to the basket into which its own was merged meanwhile', async () => {
    const guest = await basketOf({ SR1: 99_999 });
    const user = await basketOf({});

    const answer = await checkOut(guest);
    const merged = await call('POST', `${user}/merge`, { from: guest, mode: 'sum' });
    await eventually(async () => expect(await orderAt(answer)).toMatchObject({ status: 'REJECTED' }));

    expect(merged.status).toBe(200);
    await eventually(async () => {
      expect((await call<Basket>('GET', user)).body.lines).toMatchObject([{ sku: 'SR1', quantity: 99_999 }]);
    });
  });

  it('appears in the history of the basket', async () => {
    const basket = await basketOf({ GR1: 1 });
    const { body: { orderId } } = await checkOut(basket);

    const { body: { items } } = await call<{ items: object[] }>('GET', `${basket}/journal`);

    expect(items.at(-1)).toMatchObject({
      type: 'checkedOut', orderId, lines: [{ sku: 'GR1', quantity: 1, unitPrice: gbp(311), net: gbp(311) }], total: gbp(311),
    });
  });

  it('places one order under one Idempotency-Key, and marks repeated answers', async () => {
    const basket = await basketOf({ GR1: 1 });
    const key = { 'idempotency-key': 'till 4, customer 17' };

    const answers = await Promise.all(Array.from({ length: 20 }, () => checkOut(basket, key)));
    const again = await checkOut(basket, key);
    const another = await checkOut(basket);

    expect(new Set(answers.map(({ status, body }) => `${status} ${body.orderId}`)).size).toBe(1);
    expect([again.status, again.headers.get('idempotent-replayed'), again.body]).toEqual([202, 'true', answers[0]?.body]);
    expect([another.status, another.body]).toMatchObject([422, { code: 'basket.empty' }]);
  });

  it('checks out only at the version that If-Match asks for', async () => {
    const basket = await basketOf({ GR1: 1 });
    const seen = (await call('GET', basket)).headers.get('etag') ?? '';
    await call('POST', `${basket}/lines`, { sku: 'GR1' });

    const late = await checkOut(basket, { 'if-match': seen });
    const now = await checkOut(basket, { 'if-match': (await call('GET', basket)).headers.get('etag') ?? '' });

    expect([late.status, late.body]).toMatchObject([412, { code: 'basket.version_mismatch' }]);
    expect([now.status, now.body]).toMatchObject([202, { lines: [{ quantity: 2 }] }]);
  });

  it('orders nothing if the total differs from the one that the shopper saw', async () => {
    const basket = await basketOf({ GR1: 2 });

    const told = await checkOut(basket, {}, { total: gbp(622) });
    const malformed = await checkOut(basket, {}, { total: 622 });
    const right = await checkOut(basket, {}, { total: gbp(311) });

    expect([told.status, told.body]).toMatchObject([412, { code: 'basket.total_changed' }]);
    expect([malformed.status, malformed.body]).toMatchObject([400, { code: 'input.invalid' }]);
    expect([right.status, right.body]).toMatchObject([202, { total: gbp(311) }]);
  });

  it.each<[what: string, basket: () => Promise<string>, status: number, code: string]>([
    ['a basket that does not exist', async () => newId(), 404, 'basket.missing'],
    ['an empty basket', () => basketOf({}), 422, 'basket.empty'],
  ])('refuses %s', async (_what, basket, status, code) => {
    const answer = await checkOut(await basket());

    expect([answer.status, answer.body]).toMatchObject([status, { code }]);
  });

  it('leaves the basket open, so that new lines make another order', async () => {
    const basket = await basketOf({ GR1: 1 });
    const first = await checkOut(basket);
    await call('POST', `${basket}/lines`, { sku: 'CF1' });
    const second = await checkOut(basket);

    expect(second.body.orderId).not.toBe(first.body.orderId);
    expect(await orderAt(second)).toMatchObject({ lines: [{ sku: 'CF1' }] });
  });

  it('loses no order while orders is away: a retry is answered, and an order without a retry is placed, too', async () => {
    const [retried, left] = [await basketOf({ GR1: 1 }), await basketOf({ SR1: 1 })];
    await end(processOf('orders'));
    const key = { 'idempotency-key': 'till 5, customer 18' };

    const answer = await checkOut(retried, key);
    expect([503, 504]).toContain(answer.status);
    expect(answer.headers.get('idempotency-key')).toBe('till 5, customer 18');
    await eventually(async () => {
      await checkOut(left);
      expect((await call<Basket>('GET', left)).body.lines).toEqual([]);
    });
    await system.start('orders');

    const again = await checkOut(retried, key);
    expect(again.status).toBe(202);
    expect(await orderAt(again)).toMatchObject({ basket: retried });
    await eventually(async () => {
      const { items } = (await (await fetch(`${system.gatewayUrl}/v1/orders?market=m1`)).json()) as { items: Order[] };
      expect(items.filter(({ basket }) => basket === left)).toHaveLength(1);
      expect(items.filter(({ basket }) => basket === retried)).toHaveLength(1);
    });
  });

  it('is in the OpenAPI document', async () => {
    const response = await fetch(`${system.gatewayUrl}/openapi.json`);

    expect(await response.json()).toMatchObject({
      paths: { '/v1/markets/{market}/baskets/{basket}/checkout': { post: { responses: { 202: expect.any(Object) } } } },
      components: { schemas: { CheckedOut: { properties: { orderId: expect.any(Object) } }, Notice: expect.any(Object) } },
    });
  });

  it('has logged no error', () => {
    expect(system.errors()).toEqual([]);
  });

  function checkOut(basket: string, headers: Record<string, string> = {}, body?: unknown): Promise<Answer<CheckedOut>> {
    return call('POST', `${basket}/checkout`, body, headers);
  }

  async function orderAt({ headers }: Answer<unknown>): Promise<Order> {
    const response = await fetch(`${system.gatewayUrl}${headers.get('location')}`);
    expect(response.status).toBe(200);
    return (await response.json()) as Order;
  }

  async function basketOf(held: Record<string, number>): Promise<string> {
    const basket = newId();
    await call('PUT', basket);
    for (const [sku, quantity] of Object.entries(held)) await call('PUT', `${basket}/lines/${sku}`, { quantity });
    return basket;
  }

  function processOf(app: string): AppProcess {
    return system.apps.find(({ instance }) => instance.startsWith(app)) as AppProcess;
  }

  async function end(app: AppProcess): Promise<void> {
    app.signal('SIGKILL');
    await app.ended();
  }

  async function call<T>(
    method: string, path: string, body?: unknown, headers: Record<string, string> = {},
  ): Promise<Answer<T>> {
    const response = await fetch(`${system.gatewayUrl}/v1/markets/m1/baskets/${path}`, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : JSON_TYPE) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, headers: response.headers, body: (await response.json()) as T };
  }
});

interface Basket {
  readonly lines: readonly object[];
}

interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

let baskets = 0;

function newId(): string {
  baskets += 1;
  return `leaving-${baskets}`;
}

function gbp(amount: number) {
  return { amount, currency: 'GBP' };
}
