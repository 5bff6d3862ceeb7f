import { startSystem, type TestSystem } from '@aisle/dev/testing';

const JSON_TYPE = { 'content-type': 'application/json' };

describe('merging a basket into another one', () => {
  let system: TestSystem;

  beforeAll(async () => {
    system = await startSystem();
  });

  afterAll(() => system.stop());

  it.each([
    ['sum', { GR1: 5, SR1: 1, CF1: 1 }, 622 + 311 + 500 + 1_123],
    ['max', { GR1: 3, SR1: 1, CF1: 1 }, 622 + 500 + 1_123],
    ['replace', { GR1: 3, CF1: 1 }, 622 + 1_123],
  ])('merges the lines by %s and prices them again', async (mode, lines, totalMinor) => {
    const [guest, user] = await baskets({ GR1: 3, CF1: 1 }, { GR1: 2, SR1: 1 });

    const merged = await merge(user, { from: guest, mode });

    expect([merged.status, merged.headers.get('etag')]).toEqual([200, '"3"']);
    expect(merged.body).toMatchObject({ id: user, total: { amount: totalMinor, currency: 'GBP' } });
    expect(quantities(merged.body)).toEqual(lines);
    expect((await call('GET', user)).body).toEqual(merged.body);
  });

  it('creates the receiving basket if it does not exist', async () => {
    const [guest, user] = [await basketOf({ GR1: 2 }), newId()];

    const merged = await merge(user, { from: guest, mode: 'sum' });

    expect([merged.status, quantities(merged.body)]).toEqual([201, { GR1: 2 }]);
  });

  it('closes the other one: reads answer missing, changes answer a conflict, and both name the receiving basket', async () => {
    const [guest, user] = await baskets({ GR1: 1 }, { SR1: 1 });
    await merge(user, { from: guest, mode: 'sum' });

    const read = await call('GET', guest);
    const added = await call('POST', `${guest}/lines`, { sku: 'GR1' });
    const opened = await call('PUT', guest);

    expect([read.status, added.status, opened.status]).toEqual([404, 409, 409]);
    for (const { body } of [read, added, opened]) {
      expect(body).toMatchObject({ code: 'basket.merged', details: { into: user } });
    }
  });

  it('repeats its answer under the same key, and refuses another key', async () => {
    const [guest, user] = await baskets({ GR1: 1 }, { GR1: 1 });
    const body = { from: guest, mode: 'sum' };

    const first = await merge(user, body, { 'idempotency-key': 'login 17' });
    const again = await merge(user, body, { 'idempotency-key': 'login 17' });
    const otherKey = await merge(user, body, { 'idempotency-key': 'login 18' });
    const otherMode = await merge(user, { ...body, mode: 'max' }, { 'idempotency-key': 'login 17' });
    const elsewhere = await merge(newId(), body, { 'idempotency-key': 'login 17' });

    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.body).toEqual(first.body);
    expect([otherKey.status, otherKey.body.code]).toEqual([409, 'basket.merged']);
    expect([otherMode.status, otherMode.body.code]).toEqual([422, 'idempotency.mismatch']);
    expect([elsewhere.status, elsewhere.body.code]).toEqual([409, 'basket.merged']);
    expect(quantities((await call('GET', user)).body)).toEqual({ GR1: 2 });
  });

  it('is applied once when many copies arrive at once', async () => {
    const [guest, user] = await baskets({ GR1: 1 }, { GR1: 1 });
    const headers = { 'idempotency-key': 'at once' };

    const answers = await Promise.all(
      Array.from({ length: 20 }, () => merge(user, { from: guest, mode: 'sum' }, headers)),
    );

    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(quantities((await call('GET', user)).body)).toEqual({ GR1: 2 });
  });

  it('changes neither basket when the lines do not fit', async () => {
    const [guest, user] = await baskets({ GR1: 1, SR1: 1 }, { GR1: 99_999 });

    const refused = await merge(user, { from: guest, mode: 'sum' });

    expect([refused.status, refused.body.code]).toEqual([422, 'basket.line_full']);
    expect(quantities((await call('GET', user)).body)).toEqual({ GR1: 99_999 });
    const added = await call('POST', `${guest}/lines`, { sku: 'SR1' });
    expect([added.status, quantities(added.body)]).toEqual([200, { GR1: 1, SR1: 2 }]);
    expect((await merge(user, { from: guest, mode: 'max' })).status).toBe(200);
  });

  it('merges only at the version that If-Match asks for', async () => {
    const [guest, user] = await baskets({ GR1: 1 }, { SR1: 1 });

    const late = await merge(user, { from: guest, mode: 'sum' }, { 'if-match': '"1"' });
    const now = await merge(user, { from: guest, mode: 'sum' }, { 'if-match': `"${(await call('GET', user)).body.version}"` });

    expect([late.status, late.body.code]).toEqual([412, 'basket.version_mismatch']);
    expect([now.status, quantities(now.body)]).toEqual([200, { SR1: 1, GR1: 1 }]);
  });

  it('appears in the history of both baskets', async () => {
    const [guest, user] = await baskets({ GR1: 1 }, { SR1: 1 });
    await merge(user, { from: guest, mode: 'sum' }, { 'idempotency-key': 'login 19' });

    expect(await history(user)).toEqual(['changed', 'changed', `absorbed ${guest} login 19`]);
    expect(await history(guest)).toEqual(['changed', 'changed', `sealed ${user}`, `merged ${user}`]);
  });

  it.each<[what: string, body: unknown, status: number, code: string]>([
    ['itself', { from: 'itself', mode: 'sum' }, 422, 'basket.merge_into_itself'],
    ['a basket that does not exist', { from: 'nobody', mode: 'sum' }, 404, 'basket.missing'],
    ['with an unknown mode', { from: 'nobody', mode: 'min' }, 400, 'input.invalid'],
    ['without a mode', { from: 'nobody' }, 400, 'input.invalid'],
    ['without a name', { mode: 'sum' }, 400, 'input.invalid'],
    ['an empty name', { from: '', mode: 'sum' }, 400, 'input.invalid'],
    ['a number', 7, 400, 'input.invalid'],
    ['with an unknown field', { from: 'nobody', mode: 'sum', lines: [] }, 400, 'input.invalid'],
  ])('refuses to merge %s', async (_what, body, status, code) => {
    const answer = await merge('itself', body);

    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  });

  it('is in the OpenAPI document', async () => {
    const response = await fetch(`${system.gatewayUrl}/openapi.json`);

    expect(await response.json()).toMatchObject({
      paths: {
        '/v1/markets/{market}/baskets/{basket}/merge': {
          post: { requestBody: expect.any(Object), responses: { 409: expect.any(Object) } },
        },
      },
      components: { schemas: { MergeBasket: { properties: { mode: expect.any(Object) } } } },
    });
  });

  it('has logged no error', () => {
    expect(system.errors()).toEqual([]);
  });

  function merge(into: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return call('POST', `${into}/merge`, body, headers);
  }

  async function baskets(guest: Quantities, user: Quantities): Promise<[guest: string, user: string]> {
    return [await basketOf(guest), await basketOf(user)];
  }

  async function basketOf(held: Quantities): Promise<string> {
    const basket = newId();
    const batch = Object.entries(held).map(([sku, quantity]) => ({ op: 'set', sku, quantity }));
    await call('PUT', basket);
    await call('POST', `${basket}/commands`, batch);
    return basket;
  }

  async function history(basket: string): Promise<string[]> {
    const { items } = (await call('GET', `${basket}/journal`)).body as unknown as { items: Entry[] };
    return items.map(({ type, other, commandId }) =>
      [type, other, type === 'absorbed' ? commandId : undefined].filter(Boolean).join(' '),
    );
  }

  async function call(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const response = await fetch(`${system.gatewayUrl}/v1/markets/m1/baskets/${path}`, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : JSON_TYPE) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, headers: response.headers, body: (await response.json()) as Answer['body'] };
  }
});

type Quantities = Record<string, number>;

interface Answer {
  status: number;
  headers: Headers;
  body: { code?: string; version: number; lines: { sku: string; quantity: number }[] };
}

interface Entry {
  type: string;
  other?: string;
  commandId: string;
}

let ids = 0;

function newId(): string {
  ids += 1;
  return `merging-${ids}`;
}

function quantities({ lines }: Answer['body']): Quantities {
  return Object.fromEntries(lines.map(({ sku, quantity }) => [sku, quantity]));
}
