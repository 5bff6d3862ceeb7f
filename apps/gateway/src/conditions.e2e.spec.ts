import { startSystem, type TestSystem } from '@aisle/dev/testing';
import { eventually } from '@aisle/std/testing';

const PRICE = { amount: 250, currency: 'GBP' };
const TEA = { name: 'Tea', price: PRICE };
const COFFEE = { name: 'Coffee', price: PRICE };
const OFF = `export default {
  meta: { contract: 1, name: 'tags', version: '1', kind: 'line', title: 'Tags', scope: { markets: ['none'] }, priority: 0, stack: 'stack', tests: [] },
  price: () => ({ adjustments: [] }),
};`;

type Headers = Record<string, string>;
type Row = [what: string, method: string, path: string, body: unknown, headers: Headers, status: number];

/** Each market has a product `tea` at version 2, a basket `anna` at version 2 with one `tea`, and a basket `bob` at version 1. */
const ROWS: Row[] = [
  ['a market that is there, to be made', 'PUT', '', {}, { 'if-none-match': '*' }, 412],
  ['a market that is there, at any version', 'PUT', '', {}, { 'if-match': '*' }, 200],
  ['a market at an unknown version', 'PUT', '', {}, { 'if-match': '"abc"' }, 412],
  ['a market that is not there, at any version', 'PUT', '-not', {}, { 'if-match': '*' }, 412],
  ['the same by a list', 'PUT', '-not', {}, { 'if-match': '"1", "2"' }, 412],
  ['the product of a market that is not there', 'PUT', '-not/products/tea', TEA, { 'if-match': '*' }, 412],
  ['which was not made', 'GET', '-not', undefined, {}, 404],
  ['a market that is not there, to be made', 'PUT', '-new', {}, { 'if-none-match': '*' }, 201],

  ['a product, at any version', 'PUT', '/products/tea', COFFEE, { 'if-match': '*' }, 200],
  ['a product, at one of several', 'PUT', '/products/tea', COFFEE, { 'if-match': '"1","2", "9"' }, 200],
  ['a product, at none of them', 'PUT', '/products/tea', COFFEE, { 'if-match': '"1", "9"' }, 412],
  ['a product, by a weak tag', 'PUT', '/products/tea', COFFEE, { 'if-match': 'W/"2"' }, 412],
  ['a product, by a weak tag and a strong one', 'PUT', '/products/tea', COFFEE, { 'if-match': 'W/"1", "2"' }, 200],
  ['a product, by no tag at all', 'PUT', '/products/tea', COFFEE, { 'if-match': '2' }, 400],
  ['a product, unseen', 'PUT', '/products/tea', COFFEE, {}, 428],
  ['a product that is there, to be made', 'PUT', '/products/tea', COFFEE, { 'if-none-match': '*' }, 412],
  ['a product unless it is at this version', 'PUT', '/products/tea', COFFEE, { 'if-match': '*', 'if-none-match': 'W/"2"' }, 412],
  ['a product unless it is at another', 'PUT', '/products/tea', COFFEE, { 'if-match': '*', 'if-none-match': '"1"' }, 200],
  ['a product that is not there, at any version', 'PUT', '/products/none', TEA, { 'if-match': '*' }, 412],
  ['a product that is not there, at a version', 'PUT', '/products/none', TEA, { 'if-match': '"1"' }, 412],
  ['a product that is not there, to be made', 'PUT', '/products/new', TEA, { 'if-none-match': '*' }, 201],
  ['a new product, at any version', 'POST', '/products', { sku: 'none', ...TEA }, { 'if-match': '*' }, 412],
  ['a change at another version', 'PATCH', '/products/tea', { name: 'T' }, { 'if-match': '"1"' }, 412],
  ['a change of what is not there', 'PATCH', '/products/none', { name: 'T' }, { 'if-match': '*' }, 404],
  ['a deletion at another version', 'DELETE', '/products/tea', undefined, { 'if-match': '"abc"' }, 412],
  ['a deletion at this version', 'DELETE', '/products/tea', undefined, { 'if-match': '"2"' }, 204],
  ['an adjustment at another version', 'POST', '/products/tea/stock/adjustments', { delta: 1, reason: 'x' }, { 'if-match': '"1"' }, 412],
  ['an adjustment at this version', 'POST', '/products/tea/stock/adjustments', { delta: 1, reason: 'x' }, { 'if-match': '"2"' }, 200],

  ['a basket that is not there, at any version', 'PUT', '/baskets/none', undefined, { 'if-match': '*' }, 412],
  ['lines of a basket that is not there', 'POST', '/baskets/none/lines', { sku: 'tea' }, { 'if-match': '*' }, 412],
  ['the same by a version', 'POST', '/baskets/none/lines', { sku: 'tea' }, { 'if-match': '"1"' }, 412],
  ['which was not made', 'GET', '/baskets/none', undefined, { 'if-match': '*' }, 404],
  ['clearing what is not there', 'DELETE', '/baskets/none', undefined, { 'if-match': '"1"' }, 404],
  ['a basket that is not there, to be made', 'PUT', '/baskets/new', undefined, { 'if-none-match': '*' }, 201],
  ['a basket that is there, to be made', 'PUT', '/baskets/anna', undefined, { 'if-none-match': '*' }, 412],
  ['a basket that is there, at its version', 'PUT', '/baskets/anna', undefined, { 'if-match': '"2"' }, 200],
  ['a basket that is there, at another', 'PUT', '/baskets/anna', undefined, { 'if-match': '"999"' }, 412],
  ['a basket, by no tag at all', 'PUT', '/baskets/anna', undefined, { 'if-match': 'garbage' }, 400],
  ['a first line where there is a basket', 'POST', '/baskets/anna/lines', { sku: 'tea' }, { 'if-none-match': '*' }, 412],
  ['lines, at one of several', 'POST', '/baskets/anna/lines', { sku: 'tea' }, { 'if-match': '"99", "2"' }, 200],
  ['lines, by a weak tag', 'POST', '/baskets/anna/lines', { sku: 'tea' }, { 'if-match': 'W/"2"' }, 412],
  ['a batch at another version', 'POST', '/baskets/anna/commands', [{ op: 'clear' }], { 'if-match': '"1"' }, 412],
  ['a line at another version', 'PUT', '/baskets/anna/lines/tea', { quantity: 2 }, { 'if-match': '"1"' }, 412],
  ['a merge into a basket at another version', 'POST', '/baskets/bob/merge', { from: 'anna', mode: 'sum' }, { 'if-match': '"7"' }, 412],
  ['a merge into one that is there, to be made', 'POST', '/baskets/bob/merge', { from: 'anna', mode: 'sum' }, { 'if-none-match': '*' }, 412],
  ['a merge into one that is not there', 'POST', '/baskets/none/merge', { from: 'anna', mode: 'sum' }, { 'if-match': '*' }, 412],
  ['a merge into one at one of several', 'POST', '/baskets/bob/merge', { from: 'anna', mode: 'sum' }, { 'if-match': '"1", "7"' }, 200],
  ['a checkout at another version', 'POST', '/baskets/anna/checkout', undefined, { 'if-match': '"1"' }, 412],
  ['a checkout of what is not there', 'POST', '/baskets/anna/checkout', {}, { 'if-none-match': '*' }, 412],
];

const READS: [what: string, path: string, tag: string][] = [
  ['a market', '', '"1"'], ['a product', '/products/tea', '"2"'], ['a basket', '/baskets/anna', '"2"'], ['a new basket', '/baskets/bob', '"1"'],
];

describe('conditional requests', () => {
  let system: TestSystem;
  let markets = 0;
  let shared: string;

  beforeAll(async () => {
    system = await startSystem({ 'basket-server': 1, market: 1, orders: 1 });
    shared = await marketWithBaskets();
  });
  afterAll(() => system.stop());

  it.each(ROWS)('for %s: %s …%s %j with %j is answered %i', async (_what, method, path, body, headers, status) => {
    // Refused requests change nothing, so they can share one market.
    const market = status < 400 ? await marketWithBaskets() : shared;

    expect((await call(method, market + path, body, headers)).status).toBe(status);
  });

  it.each(READS)('answer %s with 304 if the caller has the current version', async (_what, path, tag) => {
    const at = (await marketWithBaskets()) + path;

    for (const method of ['GET', 'HEAD']) {
      const same = await call(method, at, undefined, { 'if-none-match': `"x", W/${tag}` });
      expect([same.status, same.headers.get('etag'), same.text]).toEqual([304, tag, '']);
      expect((await call(method, at, undefined, { 'if-none-match': '*' })).status).toBe(304);
      expect((await call(method, at, undefined, { 'if-none-match': '"9"' })).status).toBe(200);
      expect((await call(method, at, undefined, { 'if-match': `"9", ${tag}` })).status).toBe(200);
      expect((await call(method, at, undefined, { 'if-match': '"9"' })).status).toBe(412);
      expect((await call(method, at, undefined, { 'if-match': `W/${tag}` })).status).toBe(412);
      expect((await call(method, at, undefined, { 'if-none-match': '9' })).status).toBe(400);
    }
  });

  it('answer a page of products with 304 until one of them changes', async () => {
    const market = await marketWithBaskets();
    const page = `${market}/products?limit=5`;
    const tag = (await call('GET', page)).headers.get('etag')!;

    expect((await call('GET', page, undefined, { 'if-none-match': tag })).status).toBe(304);
    await call('PATCH', `${market}/products/tea`, { price: { ...PRICE, amount: 260 } });
    expect((await call('GET', page, undefined, { 'if-none-match': tag })).status).toBe(200);
  });

  it.each(['return=minimal', 'wait=5, Return = "minimal"; x=1'])('and changes whose caller prefers %s are answered without the document', async (prefer) => {
    const anna = `${await marketWithBaskets()}/baskets/anna`;
    const key = `prefer-${anna}`;
    const headers = { prefer, 'idempotency-key': key };

    const added = await call('POST', `${anna}/lines`, { sku: 'tea' }, { ...headers, 'if-match': '"2"' });
    const repeated = await call('POST', `${anna}/lines`, { sku: 'tea' }, { ...headers, prefer: 'return=representation' });

    expect([added.status, added.text, added.headers.get('etag'), added.headers.get('preference-applied')]).toEqual([204, '', '"3"', 'return=minimal']);
    expect([repeated.status, repeated.headers.get('idempotent-replayed'), JSON.parse(repeated.text)]).toMatchObject([200, 'true', { version: 3 }]);
    expect((await call('POST', `${anna}/lines`, { sku: 'none' }, { prefer })).status).toBe(422);
    expect((await call('PUT', `${anna}-new/lines/tea`, { quantity: 1 }, { prefer })).status).toBe(201);
  });

  it('see a new version of a basket after a read with changed prices', async () => {
    const market = await marketWithBaskets();
    const anna = `${market}/baskets/anna`;
    await call('PATCH', `${market}/products/tea`, { price: { ...PRICE, amount: 260 } });

    const shown = await eventually(async () => {
      const read = await call('GET', anna, undefined, { 'if-none-match': '"2"' });
      expect(read.status).toBe(200);
      return read;
    });

    expect([shown.headers.get('etag'), JSON.parse(shown.text)]).toMatchObject(['"3"', { version: 3, total: { amount: 260 } }]);
    expect((await call('GET', anna, undefined, { 'if-none-match': '"3"' })).status).toBe(304);
    expect((await call('POST', `${anna}/lines`, { sku: 'tea' }, { 'if-match': '"2"' })).status).toBe(412);
    expect((await call('POST', `${anna}/lines`, { sku: 'tea' }, { 'if-match': '"3"' })).status).toBe(200);
  });

  it('see a new tag of stock after a reservation', async () => {
    const market = await marketWithBaskets();
    const stock = `${market}/products/tea/stock`;
    const before = await call('GET', stock);

    await call('POST', '/v1/orders', { market: decodeURIComponent(market.split('/').at(-1) ?? ''), lines: [{ sku: 'tea' }] });

    const after = await call('GET', stock);
    expect([JSON.parse(before.text).version, JSON.parse(after.text).version]).toEqual([2, 2]);
    expect((await call('GET', stock, undefined, { 'if-none-match': after.headers.get('etag') ?? '' })).status).toBe(304);
    expect(after.headers.get('etag') === before.headers.get('etag')).toBe(after.text === before.text);
  });

  it('get the same answer under their key, whatever the version is by then', async () => {
    const market = await marketWithBaskets();

    for (const [method, path, body, condition] of [
      ['POST', '/baskets/anna/lines', { sku: 'tea' }, { 'if-match': '"2", "7"' }],
      ['PUT', '/products/tea', COFFEE, { 'if-match': '"2"' }],
      ['PUT', '', { rounding: 'down' }, { 'if-match': '"1"' }],
      ['PUT', '/baskets/new', undefined, { 'if-none-match': '*' }],
    ] as const) {
      const headers = { ...condition, 'idempotency-key': `till 4${path}` };
      const first = await call(method, market + path, body, headers);
      const again = await call(method, market + path, body, headers);

      expect(first.status).toBeLessThan(300);
      expect([again.status, again.headers.get('idempotent-replayed'), again.text]).toEqual([first.status, 'true', first.text]);
    }
  });

  it('apply to strategies by their revision', async () => {
    await call('POST', '/v1/strategies', { source: OFF });
    await call('POST', '/v1/strategies/tags/versions/1/validate');
    const tag = (await call('GET', '/v1/strategies/tags')).headers.get('etag') ?? '';
    const off = { state: 'off' };
    const rollOut = (headers: Headers): Promise<{ status: number }> => call('PUT', '/v1/strategies/tags/rollout', off, headers);

    expect((await call('GET', '/v1/strategies/tags', undefined, { 'if-none-match': tag })).status).toBe(304);
    expect((await rollOut({})).status).toBe(428);
    expect((await rollOut({ 'if-match': `W/${tag}` })).status).toBe(412);
    expect((await rollOut({ 'if-match': '"abc"' })).status).toBe(412);
    expect((await rollOut({ 'if-match': '*', 'if-none-match': '*' })).status).toBe(412);
    expect((await call('POST', '/v1/strategies/tags/rollback', undefined, { 'if-match': '"abc"' })).status).toBe(412);
    expect((await rollOut({ 'if-match': `"abc", ${tag}`, 'idempotency-key': 'once' })).status).toBe(200);
    expect((await rollOut({ 'if-match': `"abc", ${tag}`, 'idempotency-key': 'once' })).status).toBe(200);
    expect((await rollOut({ 'if-match': tag })).status).toBe(412);
    expect((await rollOut({ 'if-match': '*' })).status).toBe(200);
  });

  it('have logged no error', () => {
    expect(system.errors()).toEqual([]);
  });

  async function marketWithBaskets(): Promise<string> {
    const market = `/v1/markets/tags-${(markets += 1)}`;
    const set = (method: string, path: string, body?: unknown): Promise<void> => eventually(async () => {
      const { status, text } = await call(method, market + path, body, { 'idempotency-key': `set up ${method} ${path}` });
      if (status >= 300) throw new Error(text);
    });
    await set('PUT', '/products/tea', { ...TEA, quantity: 5 });
    await set('PATCH', '/products/tea', { name: 'Black tea' });
    await set('POST', '/baskets/anna/lines', { sku: 'tea' });
    await set('PUT', '/baskets/bob');
    await set('PUT', '/baskets/anna/lines/tea', { quantity: 1 });
    return market;
  }

  async function call(
    method: string, path: string, body?: unknown, headers: Headers = {},
  ): Promise<{ status: number; headers: globalThis.Headers; text: string }> {
    const response = await fetch(system.gatewayUrl + path, {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  }
});
