import { systemRuntime } from '@aisle/std';
import { eventually } from '@aisle/std/testing';
import { startSystem, type TestSystem } from '@aisle/dev/testing';

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // The type of the body depends on the route; each test asserts the fields that it needs.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any;
}

const PRICE = { amount: 250, currency: 'GBP' };

describe('markets, behind the gateway', () => {
  let system: TestSystem;
  let names = 0;
  const someMarket = (): string => `/v1/markets/${encodeURIComponent(`Bob's list / ${(names += 1)}`)}`;

  beforeAll(async () => {
    system = await startSystem({ 'basket-server': 0, market: 2 });
  });
  afterAll(() => system.stop());

  it('are created by name, with the settings of the request', async () => {
    const market = someMarket();

    const missing = await call('GET', market);
    const made = await call('PUT', market, { currency: 'EUR', thresholds: { lowStock: 7 } });
    const again = await call('PUT', market, { rounding: 'half-even' }, { 'if-match': '"1"' });
    const late = await call('PUT', market, { rounding: 'up' }, { 'if-match': '"1"' });

    expect([missing.status, missing.body.code]).toEqual([404, 'market.unknown']);
    expect([made.status, made.headers.get('etag')]).toEqual([201, '"1"']);
    expect(again.body).toEqual({
      id: decodeURIComponent(market.split('/').at(-1)!), currency: 'EUR', rounding: 'half-even',
      thresholds: { lowStock: 7, nearExpiryDays: 3 }, version: 2,
    });
    expect([late.status, late.body.code]).toEqual([412, 'precondition.failed']);
    expect((await call('GET', market)).body).toEqual(again.body);
  });

  it('are created with their first product, which gets a SKU', async () => {
    const market = someMarket();

    const made = await call('POST', `${market}/products`, { name: 'Tea', price: PRICE, quantity: 5, expiresOn: '2099-01-31' });

    expect(made).toMatchObject({
      status: 201,
      body: {
        sku: expect.stringMatching(/^P-/), name: 'Tea', description: null, category: null, price: PRICE, quantity: 5,
        expiresOn: '2099-01-31', version: 1,
      },
    });
    expect(made.headers.get('location')).toBe(`${market}/products/${made.body.sku}`);
    expect((await call('GET', made.headers.get('location')!)).body).toEqual(made.body);
    expect((await call('GET', market)).body).toMatchObject({ currency: 'GBP', version: 1 });
    expect((await call('GET', '/v1/markets?limit=200')).body.items).toContainEqual(expect.objectContaining({ id: decodeURIComponent(market.split('/').at(-1)!) }));
  });

  it('create a product once under its Idempotency-Key', async () => {
    const market = someMarket();
    const headers = { 'idempotency-key': 'tea for two' };

    const first = await call('POST', `${market}/products`, { name: 'Tea', price: PRICE }, headers);
    const again = await call('POST', `${market}/products`, { name: 'Tea', price: PRICE }, headers);
    const other = await call('POST', `${market}/products`, { name: 'Coffee', price: PRICE }, headers);

    expect([again.status, again.body, again.headers.get('idempotent-replayed')]).toEqual([201, first.body, 'true']);
    expect([other.status, other.body.code]).toEqual([422, 'idempotency.mismatch']);
  });

  it('replace a product only at the version that the caller saw', async () => {
    const tea = `${someMarket()}/products/tea`;
    await call('PUT', tea, { name: 'Tea', price: PRICE, quantity: 3 });

    const blind = await call('PUT', tea, { name: 'Black tea', price: PRICE });
    const wrong = await call('PUT', tea, { name: 'Black tea', price: PRICE }, { 'if-match': '"9"' });
    const right = await call('PUT', tea, { name: 'Black tea', price: PRICE }, { 'if-match': '"1"' });
    const patched = await call('PATCH', tea, { category: 'tea', quantity: 8 }, { 'if-match': '"2"' });

    expect([blind.status, blind.body.code]).toEqual([428, 'precondition.required']);
    expect([wrong.status, wrong.body.details]).toEqual([412, { ifMatch: 9, version: 1 }]);
    expect([right.status, right.headers.get('etag'), right.body.quantity]).toEqual([200, '"2"', 3]);
    expect(patched.body).toMatchObject({ name: 'Black tea', category: 'tea', quantity: 8, version: 3 });
  });

  it('keep fields of a product that a request leaves out, and clear fields that are null', async () => {
    const market = someMarket();
    const tea = `${market}/products/tea`;
    const full = { name: 'Tea', price: PRICE, description: 'green', category: 'tea', quantity: 3, expiresOn: '2099-01-31' };
    await call('PUT', tea, full);

    const imported = await importing(market, JSON.stringify({ sku: 'tea', name: 'Tea', price: PRICE }));
    const dearer = await importing(market, JSON.stringify({ sku: 'tea', name: 'Tea', price: { amount: 300, currency: 'GBP' } }));
    const replaced = await call('PUT', tea, { name: 'Tea', price: PRICE }, { 'if-match': '*' });
    const wiped = await importing(market, JSON.stringify({ sku: 'tea', name: 'Tea', price: PRICE, category: null, expiresOn: null }));

    expect(imported.told.at(-1)).toMatchObject({ type: 'done', updated: 0, unchanged: 1 });
    expect(dearer.told.at(-1)).toMatchObject({ type: 'done', updated: 1, unchanged: 0 });
    expect(replaced.body).toMatchObject({ ...full, version: 3 });
    expect(wiped.told.at(-1)).toMatchObject({ type: 'done', updated: 1 });
    expect((await call('GET', tea)).body).toMatchObject({ ...full, category: null, expiresOn: null });
  });

  it('no longer sell a deleted product, and write its stock off', async () => {
    const market = someMarket();
    await call('PUT', `${market}/products/tea`, { name: 'Tea', price: PRICE, quantity: 8, category: 'tea' });

    expect((await call('DELETE', `${market}/products/tea`, undefined, { 'if-match': '"1"' })).status).toBe(204);

    expect(await call('GET', `${market}/products/tea`)).toMatchObject({ status: 404, body: { code: 'product.missing' } });
    expect((await call('GET', `${market}/products`)).body).toEqual({ items: [], next: null });
    expect((await call('GET', `${market}/products/tea/stock/movements`)).body.items).toMatchObject([
      { kind: 'initial', delta: 8 }, { kind: 'written_off', delta: -8, onHand: 0, reason: 'product deleted' },
    ]);
    const again = await call('PUT', `${market}/products/tea`, { name: 'Tea', price: PRICE });
    expect([again.status, again.body]).toMatchObject([201, { quantity: 0, category: null }]);
  });

  it('show the stock of a product, its movements, and alerts for low stock and expiry', async () => {
    const market = someMarket();
    const soon = new Date(systemRuntime.clock.nowMs() + 86_400_000).toISOString().slice(0, 10);
    await call('PUT', `${market}/products/salmon`, { name: 'Salmon', price: PRICE, quantity: 2, expiresOn: soon });
    const adjustments = `${market}/products/salmon/stock/adjustments`;

    const delivered = await call('POST', adjustments, { delta: 4, reason: 'delivery 7', lot: 'pallet 7', expectedQuantity: 2 });
    const outdated = await call('POST', adjustments, { delta: 4, reason: 'delivery 8', expectedQuantity: 2 });
    const broken = await call('POST', adjustments, { delta: -3, reason: 'broken', kind: 'written_off' });

    expect(delivered.body).toEqual({
      sku: 'salmon', onHand: 6, reserved: 0, available: 6, version: 2,
      lots: [
        { lot: soon, expiresOn: soon, quantity: 2, expired: false },
        { lot: 'pallet 7', expiresOn: null, quantity: 4, expired: false },
      ],
    });
    expect(outdated).toMatchObject({ status: 409, body: { code: 'stock.quantity_changed', details: { quantity: 6 } } });
    expect(broken.body).toMatchObject({ onHand: 3, lots: [{ lot: 'pallet 7', quantity: 3 }] });
    expect((await call('GET', `${market}/products/salmon/stock`)).body).toEqual(broken.body);
    const movements = (await call('GET', `${market}/stock/movements`)).body.items;
    expect(movements.map(({ kind, delta, onHand, reason }: Record<string, unknown>) => [kind, delta, onHand, reason])).toEqual([
      ['initial', 2, 2, null], ['received', 4, 6, 'delivery 7'], ['written_off', -2, 4, 'broken'], ['written_off', -1, 3, 'broken'],
    ]);
    expect((await call('GET', `${market}/products/salmon/stock/movements?limit=1`)).body.next).toEqual(expect.any(String));
    expect((await call('GET', `${market}/stock/alerts`)).body.items).toEqual([
      { type: 'low_stock', sku: 'salmon', available: 3, threshold: 5 },
    ]);
    expect((await call('GET', `${market}/reservations`)).body).toEqual({ items: [], next: null });
  });

  it('sell the products of the seed', async () => {
    expect((await call('GET', '/v1/markets/m1/products/GR1')).body).toMatchObject({ name: 'Green tea', price: { amount: 311 } });
    const phones = await Promise.all(['LAPTOP', 'PHONE', 'HEADPHONES', 'KEYBOARD'].map((sku) => call('GET', `/v1/markets/m1/products/${sku}/stock`)));
    expect(phones.map(({ body }) => body.available)).toEqual([10, 25, 0, 0]);
  });

  it('are listed page by page', async () => {
    const first = (await call('GET', '/v1/markets/m2/products?limit=200')).body;
    const second = (await call('GET', `/v1/markets/m2/products?limit=200&cursor=${first.next}`)).body;

    expect([first.items.length, second.items.length, second.next]).toEqual([200, 32, null]);
    expect((await call('GET', '/v1/markets/m2/products?category=tea')).body.items).toMatchObject([{ sku: 'GR1' }]);
  });

  it.each([
    ['POST', '/products', { name: '', price: PRICE }, 400, 'input.invalid'],
    ['POST', '/products', { name: 'Tea', price: { amount: -1, currency: 'GBP' } }, 400, 'input.invalid'],
    ['POST', '/products', { name: 'Tea', price: { amount: 1, currency: 'EUR' } }, 422, 'product.price_foreign'],
    ['POST', '/products', { name: 'Tea', price: PRICE, quantity: 1.5 }, 400, 'input.invalid'],
    ['POST', '/products', { name: 'Tea', price: PRICE, expiresOn: '2026-02-30' }, 400, 'input.invalid'],
    ['POST', '/products', { sku: 'GR1', name: 'Tea', price: PRICE }, 409, 'product.exists'],
    ['PUT', '/products/GR1', { name: 'Tea', price: PRICE, color: 'green' }, 400, 'input.invalid'],
    ['PATCH', '/products/NONE', { name: 'Tea' }, 404, 'product.missing'],
    ['DELETE', '/products/NONE', undefined, 404, 'product.missing'],
    ['GET', '/products?cursor=x', undefined, 400, 'page.cursor_invalid'],
    ['GET', '/products?limit=0', undefined, 400, 'input.invalid'],
    ['POST', '/products/GR1/stock/adjustments', { delta: 0, reason: 'x' }, 400, 'input.invalid'],
    ['POST', '/products/GR1/stock/adjustments', { delta: -1 }, 400, 'input.invalid'],
    ['POST', '/products/GR1/stock/adjustments', { delta: -1, reason: 'x', kind: 'received' }, 400, 'input.invalid'],
    ['POST', '/products/GR1/stock/adjustments', { delta: -1_000_000, reason: 'x' }, 422, 'stock.insufficient'],
    ['POST', '/products/GR1/stock/adjustments', { delta: -1, reason: 'x', lot: 'none' }, 404, 'stock.lot_missing'],
    ['PUT', '', { currency: 'pounds' }, 400, 'input.invalid'],
    ['PUT', '', { currency: 'EUR' }, 409, 'market.currency_fixed'],
    ['POST', '/products:import', {}, 415, 'body.media_type'],
    ['POST', '/products:import', undefined, 400, 'import.body_missing'],
    ['PUT', '', { currency: 'ZZZ' }, 400, 'input.invalid'],
    ['POST', '/products', { name: '\u200b', price: PRICE }, 400, 'input.invalid'],
    ['POST', '/products', { name: 'Tea', description: ' ', price: PRICE }, 400, 'input.invalid'],
    ['GET', `/stock/movements?cursor=${Buffer.from('["1","999999999999999"]').toString('base64url')}`, undefined, 200, undefined],
    ['GET', `/products?cursor=${Buffer.from('["a\\u0000"]').toString('base64url')}`, undefined, 400, 'page.cursor_invalid'],
  ])('answer %s %s %j with %i %s', async (method, path, body, status, code) => {
    const answer = await call(method, `/v1/markets/m1${path}`, body);

    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.headers.get('content-type')).toBe(`application/${status < 400 ? '' : 'problem+'}json; charset=utf-8`);
  });

  it.each(['', '/products', '/products/GR1', '/products/GR1/stock', '/stock/movements', '/stock/alerts', '/reservations'])(
    'are unknown at %s until they are made', async (path) => {
      expect(await call('GET', `/v1/markets/nowhere${path}`)).toMatchObject({ status: 404, body: { code: 'market.unknown' } });
    });

  describe('an import', () => {
    it('imports valid lines, and describes the errors of invalid ones', async () => {
      const market = someMarket();
      const lines = [
        JSON.stringify({ sku: 'tea', name: 'Tea', price: PRICE, quantity: 3 }),
        '{"sku": "broken"',
        JSON.stringify({ sku: 'milk', name: 'Milk', price: { amount: '1', currency: 'GBP' } }),
        '',
        JSON.stringify({ sku: 'wine', name: 'Wine', price: { amount: 1, currency: 'EUR' } }),
        JSON.stringify({ sku: 'long', name: 'x', description: 'x'.repeat(20_000), price: PRICE }),
        JSON.stringify({ name: 'Eggs', price: PRICE }),
      ];

      const { status, told } = await importing(market, lines.join('\n'));

      expect(status).toBe(200);
      expect(told.filter(({ type }) => type === 'rejected').map(({ line, code }) => [line, code]).sort()).toEqual([
        [2, 'json.malformed'], [3, 'input.invalid'], [5, 'product.price_foreign'], [6, 'import.line_too_long'],
      ]);
      expect(told.find(({ line }) => line === 3)?.['errors']).toEqual([{ path: 'price.amount', message: expect.stringContaining('number') }]);
      expect(told.at(-1)).toEqual({ type: 'done', lines: 7, created: 2, updated: 0, unchanged: 0, rejected: 4 });
      expect((await call('GET', `${market}/products/tea`)).body.quantity).toBe(3);
    });

    it('imports a hundred thousand products at once with progress lines, and changes nothing when it is repeated', async () => {
      const market = someMarket();
      const lines = Array.from({ length: 100_000 }, (_, n) =>
        `${JSON.stringify({ sku: `p${n}`, name: `Product ${n}`, price: { amount: n, currency: 'GBP' }, quantity: n % 50 })}\n`);
      const body = lines.join('');

      const first = await importing(market, body, { 'idempotency-key': 'spring' });
      const again = await importing(market, body, { 'idempotency-key': 'spring' });
      const anew = await importing(market, lines.slice(0, 10_000).join(''));

      expect(first.told.at(-1)).toEqual({ type: 'done', lines: 100_000, created: 100_000, updated: 0, unchanged: 0, rejected: 0 });
      expect(first.told.filter(({ type }) => type === 'progress').length).toBeGreaterThan(100);
      expect(again.told.at(-1)).toEqual(first.told.at(-1));
      expect(anew.told.at(-1)).toMatchObject({ type: 'done', created: 0, unchanged: 10_000 });
      expect((await call('GET', `${market}/products/p99999`)).body).toMatchObject({ quantity: 49, version: 1 });
    });

    it('accepts files as common programs write them', async () => {
      const market = someMarket();
      const line = (sku: string): string => JSON.stringify({ sku, name: sku, price: PRICE });

      const { told } = await importing(market, Buffer.from(`\ufeff${line('a')}\r\n\r\n${line('b')}\r\n{"name":"caf\xe9"}\r\n`, 'utf8'));
      const latin1 = await importing(market, Buffer.from(`${line('c')}\n{"name":"caf\xe9"}\n`, 'latin1'));

      expect(told.filter(({ type }) => type === 'rejected')).toMatchObject([{ line: 4, code: 'input.invalid' }]);
      expect(told.at(-1)).toMatchObject({ type: 'done', lines: 4, created: 2, rejected: 1 });
      expect(latin1.told[0]).toMatchObject({ type: 'rejected', line: 2, code: 'json.not_utf8' });
      expect((await call('GET', `${market}/products/a`)).body.name).toBe('a');
    });

    it.each([
      ['too many bytes', () => 'x'.repeat(65 * 1_024 * 1_024)],
      ['too many lines, all of them blank', () => '\n'.repeat(500_001)],
    ])('refuses %s with 413', async (_what, body) => {
      const { status, told } = await importing(someMarket(), body());

      expect([status, told]).toMatchObject([413, [{ code: 'import.too_large' }]]);
    });

    it('ends with a line about too many lines if its answer has already begun', async () => {
      const { status, told } = await importing(someMarket(), '{}\n'.repeat(500_001));

      expect(status).toBe(200);
      expect(told.filter(({ type }) => type === 'rejected')).toHaveLength(1_000);
      expect(told.at(-1)).toMatchObject({ type: 'failed', code: 'import.too_large', lines: 500_000 });
    });

    it.each([
      ['only invalid lines', () => '{}\n'.repeat(50_000)],
      ['one line of 60 MB', () => 'x'.repeat(60_000_000)],
    ])('does not delay other requests while it reads %s', async (_what, body) => {
      const market = someMarket();
      let isOver = false;
      const started = importing(market, body()).finally(() => (isOver = true));

      // These requests run one after another. If the import blocked them, it would be over after the first.
      let served = 0;
      while (!isOver && served < 5) {
        expect((await call('GET', '/v1/markets/none')).status).toBe(404);
        if (!isOver) served += 1;
      }

      expect(served).toBe(5);
      expect((await started).status).toBe(200);
    });

    it('takes only NDJSON, which no other route takes', async () => {
      const headers = { 'content-type': 'application/x-ndjson' };

      const elsewhere = await fetch(`${system.gatewayUrl}/v1/markets/m1/products`, { method: 'POST', body: '{}\n', headers });

      expect(elsewhere.status).toBe(415);
      expect(((await elsewhere.json()) as { detail: string }).detail).toContain('application/json in UTF-8');
    });
  });

  it('continue in the same state when their process is killed', async () => {
    const market = someMarket();
    await call('PUT', `${market}/products/tea`, { name: 'Tea', price: PRICE, quantity: 10 });
    const before = (await call('GET', `${market}/products/tea/stock`)).body;

    for (const app of system.apps.filter(({ instance }) => instance.startsWith('market'))) app.signal('SIGKILL');
    await system.start('market');

    await eventually(async () => expect((await call('GET', `${market}/products/tea/stock`)).body).toEqual(before));
    expect((await call('POST', `${market}/products/tea/stock/adjustments`, { delta: 1, reason: 'found' })).body.onHand).toBe(11);
  });

  it('are described in the OpenAPI document', async () => {
    const { paths } = (await call('GET', '/openapi.json')).body;

    expect(Object.keys(paths)).toEqual(expect.arrayContaining([
      '/v1/markets', '/v1/markets/{market}', '/v1/markets/{market}/products:import', '/v1/markets/{market}/products/{sku}',
      '/v1/markets/{market}/products/{sku}/stock/adjustments', '/v1/markets/{market}/stock/alerts', '/v1/markets/{market}/reservations',
    ]));
  });

  it('show their connections in the metrics', async () => {
    const { opsUrl } = system.apps.filter(({ instance }) => instance.startsWith('market-')).at(-1)!;
    const metrics = await (await fetch(`${opsUrl}/metrics`)).text();

    expect(metrics).toMatch(/database_pool_connections\{pool="rows",state="max",instance="market-\d+"\} 4/);
  });

  async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await fetch(system.gatewayUrl + path, {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
  }

  async function importing(
    market: string, body: string | Buffer, headers: Record<string, string> = {},
  ): Promise<{ status: number; told: Record<string, unknown>[] }> {
    const response = await fetch(`${system.gatewayUrl}${market}/products:import`, {
      method: 'POST', body: Buffer.from(body), headers: { 'content-type': 'application/x-ndjson', ...headers },
    });
    const text = await response.text();
    return { status: response.status, told: text.split('\n').filter(Boolean).map((line) => JSON.parse(line) as Record<string, unknown>) };
  }
});
