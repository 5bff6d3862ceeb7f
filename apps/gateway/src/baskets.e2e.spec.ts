import { startSystem, type TestSystem } from '@aisle/dev/testing';

const REFERENCE_BASKETS: [items: string[], totalMinor: number][] = [
  [['GR1', 'SR1', 'GR1', 'GR1', 'CF1'], 2245],
  [['GR1', 'GR1'], 311],
  [['SR1', 'SR1', 'GR1', 'SR1'], 1661],
  [['GR1', 'CF1', 'SR1', 'CF1', 'CF1'], 3057],
  [[], 0],
];

describe('the gateway, with every process behind it', () => {
  let system: TestSystem;

  beforeAll(async () => {
    system = await startSystem({ gateway: 2, 'basket-manager': 2, 'basket-server': 3 });
  });

  afterAll(() => system.stop());

  it.each(REFERENCE_BASKETS)('quotes %j at %i pence', async (items, totalMinor) => {
    const quote = await call('POST', '/v1/markets/m1/quotes', { items });

    expect(quote.status).toBe(200);
    expect(quote.body).toMatchObject({ total: { amount: totalMinor, currency: 'GBP' } });
  });

  it.each(REFERENCE_BASKETS)('prices a basket of %j, line after line, at %i pence', async (items, totalMinor) => {
    const path = `/v1/markets/m2/baskets/${basketId()}`;
    await call('PUT', path);

    for (const sku of items) await call('POST', `${path}/lines`, { sku });

    const basket = await call('GET', path);
    expect(basket.body).toMatchObject({ version: items.length + 1, total: { amount: totalMinor } });
  });

  it('answers a basket with its version as ETag and an explanation of each price', async () => {
    const path = `/v1/markets/m1/baskets/${basketId()}`;

    const created = await call('PUT', path);
    const added = await call('POST', `${path}/lines`, { sku: 'GR1', quantity: 2 });

    expect([created.status, created.headers.get('etag')]).toEqual([201, '"1"']);
    expect([added.status, added.headers.get('etag')]).toEqual([200, '"2"']);
    expect(added.body).toMatchObject({
      lines: [
        {
          sku: 'GR1',
          quantity: 2,
          gross: { amount: 622, currency: 'GBP' },
          adjustments: [{ amount: { amount: -311 }, strategy: expect.any(String) }],
          net: { amount: 311 },
        },
      ],
    });
  });

  it('sets, removes and clears lines', async () => {
    const path = `/v1/markets/m1/baskets/${basketId()}`;

    await call('POST', `${path}/lines`, { sku: 'SR1' });
    const set = await call('PUT', `${path}/lines/GR1`, { quantity: 3 });
    const removed = await call('DELETE', `${path}/lines/SR1`);
    const cleared = await call('DELETE', path);

    expect(quantities(set.body)).toEqual({ SR1: 1, GR1: 3 });
    expect(quantities(removed.body)).toEqual({ GR1: 3 });
    expect(quantities(cleared.body)).toEqual({});
  });

  it('applies all operations of a batch or none', async () => {
    const path = `/v1/markets/m1/baskets/${basketId()}`;
    const batch = [
      { op: 'add', sku: 'GR1', quantity: 2 },
      { op: 'set', sku: 'CF1', quantity: 3 },
      { op: 'remove', sku: 'GR1' },
    ];

    const applied = await call('POST', `${path}/commands`, batch);
    const refused = await call('POST', `${path}/commands`, [
      { op: 'add', sku: 'SR1' },
      { op: 'remove', sku: 'GR1' },
    ]);

    expect(quantities(applied.body)).toEqual({ CF1: 3 });
    expect([refused.status, refused.body.code]).toEqual([404, 'basket.line_missing']);
    expect(quantities((await call('GET', path)).body)).toEqual({ CF1: 3 });
  });

  it("accepts any printable id, such as Bob's list / 100 %", async () => {
    const id = `Bob's list / 100 % ${basketId()} ☕`;

    const added = await call('POST', `/v1/markets/m1/baskets/${encodeURIComponent(id)}/lines`, { sku: 'GR1' });

    expect(added.body).toMatchObject({ id, lines: [{ sku: 'GR1' }] });
  });

  it('applies a command once under its Idempotency-Key, and marks repeated answers', async () => {
    const path = `/v1/markets/m1/baskets/${basketId()}/lines`;
    const headers = { 'idempotency-key': 'till 4, receipt 17' };

    const first = await call('POST', path, { sku: 'GR1' }, headers);
    const again = await call('POST', path, { sku: 'GR1' }, headers);
    const other = await call('POST', path, { sku: 'SR1' }, headers);

    expect(first.headers.get('idempotency-key')).toBe('till 4, receipt 17');
    expect(first.headers.get('idempotent-replayed')).toBeNull();
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.body).toEqual(first.body);
    expect([other.status, other.body.code]).toEqual([422, 'idempotency.mismatch']);
  });

  it('changes a basket only at the version that If-Match asks for', async () => {
    const path = `/v1/markets/m1/baskets/${basketId()}`;
    const created = await call('PUT', path);
    const seen = { 'if-match': created.headers.get('etag') ?? '' };

    const added = await call('POST', `${path}/lines`, { sku: 'GR1' }, seen);
    const late = await call('DELETE', path, undefined, seen);
    const malformed = await call('DELETE', path, undefined, { 'if-match': 'seven' });

    expect(added.status).toBe(200);
    expect([late.status, late.body.code]).toEqual([412, 'basket.version_mismatch']);
    expect([malformed.status, malformed.body.code]).toEqual([400, 'precondition.malformed']);
  });

  it("lists a basket's history page by page", async () => {
    const path = `/v1/markets/m1/baskets/${basketId()}`;
    for (const sku of ['GR1', 'SR1', 'CF1']) await call('POST', `${path}/lines`, { sku });

    const first = (await call('GET', `${path}/journal?limit=2`)).body as unknown as Page;
    const second = (await call('GET', `${path}/journal?limit=2&cursor=${first.next}`)).body as unknown as Page;

    expect([...first.items, ...second.items].map(({ lines }) => lines[0]?.sku)).toEqual(['GR1', 'SR1', 'CF1']);
    expect(second.next).toBeNull();
  });

  it('shows operators the tree of a basket-server, with one process per basket and below it one per product', async () => {
    const basket = basketId();
    await call('POST', `/v1/markets/m1/baskets/${basket}/lines`, { sku: 'GR1' });

    const servers = system.apps.filter(({ instance }) => instance.startsWith('basket-server'));
    const trees = await Promise.all(
      servers.map(async ({ opsUrl }) => (await fetch(`${opsUrl}/ops/tree`)).json() as Promise<TreeNode[]>),
    );

    expect(trees.flatMap((tree) => pathsOf(tree))).toContain(
      `BasketServer > DynamicUserBasketSupervisor > default/m1/${basket} > DynamicProductSupervisor > GR1`,
    );
  });

  it('describes itself in OpenAPI 3.1 and on a page', async () => {
    const document = await call('GET', '/openapi.json');
    const page = await fetch(`${system.gatewayUrl}/docs`);

    expect(document.body).toMatchObject({
      openapi: '3.1.0',
      paths: { '/v1/markets/{market}/baskets/{basket}/lines': { post: { requestBody: expect.any(Object) } } },
      components: { schemas: { AddItem: { properties: { sku: expect.any(Object) } } } },
    });
    expect(page.status).toBe(200);
  });

  it('has logged no error', () => {
    expect(system.errors()).toEqual([]);
  });

  async function call(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const response = await fetch(`${system.gatewayUrl}${path}`, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, headers: response.headers, body: (await response.json()) as never };
  }
});

interface Page {
  items: { lines: { sku: string }[] }[];
  next: string | null;
}

interface Answer {
  status: number;
  headers: Headers;
  body: { code?: string; lines: { sku: string; quantity: number }[] };
}

interface TreeNode {
  id: string;
  children: TreeNode[];
}

function pathsOf(nodes: readonly TreeNode[]): string[] {
  return nodes.flatMap(({ id, children }) => [id, ...pathsOf(children).map((path) => `${id} > ${path}`)]);
}

let baskets = 0;

function basketId(): string {
  baskets += 1;
  return `b${baskets}`;
}

function quantities({ lines }: Answer['body']): Record<string, number> {
  return Object.fromEntries(lines.map(({ sku, quantity }) => [sku, quantity]));
}
