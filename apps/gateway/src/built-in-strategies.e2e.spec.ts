import { startSystem, type TestSystem } from '@aisle/dev/testing';
import { eventually } from '@aisle/std/testing';

const ANY = { 'if-match': '*' };

describe('built-ins as strategies', () => {
  let system: TestSystem;

  beforeAll(async () => {
    system = await startSystem({ 'basket-server': 2, market: 1 });
  });

  afterAll(() => system.stop());

  it('lists the rules of the seed, each of which can be read and switched off and on', async () => {
    const { body: { items } } = await call('GET', '/v1/strategies');
    const names = ['cf1-two-thirds', 'gr1-buy-one-get-one-free', 'sr1-bulk-price'];
    expect(items.filter(({ name }) => names.includes(name))).toMatchObject(names.map((name) => ({ name, active: '1.1.0' })));
    expect((await call('GET', '/v1/strategies/gr1-buy-one-get-one-free/versions')).body.items).toMatchObject([{
      version: '1.1.0', state: 'active', use: 'buy-n-get-m@1', params: { buy: 1, free: 1 }, createdBy: 'seed',
      scope: { markets: ['m1', 'm2', 'm3'], currencies: ['GBP'], skus: ['GR1'] },
    }]);

    await call('PUT', '/v1/strategies/gr1-buy-one-get-one-free/rollout', { state: 'off' }, ANY);
    await eventually(async () => expect(await totalsOf(8, ['GR1', 'GR1'])).toEqual(Array(8).fill(622)));
    expect(await call('POST', '/v1/strategies/gr1-buy-one-get-one-free/rollback')).toMatchObject({
      status: 422, body: { code: 'strategy.nothing-before' },
    });
    await call('PUT', '/v1/strategies/gr1-buy-one-get-one-free/rollout', { state: 'active', version: '1.1.0' }, ANY);

    await eventually(async () => expect(await totalsOf(8, ['GR1', 'GR1'])).toEqual(Array(8).fill(311)));
  });

  it('takes a configured built-in through the same states as a script', async () => {
    const name = 'two-for-one-pound';
    const builtIn = {
      name, version: '1', use: 'mix-and-match@1', title: 'any two for 1.00', params: { count: 2, setPriceMinor: 100 },
      scope: { skus: ['P0004', 'P0005'], currencies: ['GBP'], markets: ['m1'] }, priority: 5,
    };
    const quoted = async () => (await call('POST', '/v1/markets/m1/quotes', { items: ['P0004', 'P0005'] })).body.total.amount;
    const listPrice = await quoted();

    const added = await call('POST', '/v1/strategies', builtIn);
    const again = await call('POST', '/v1/strategies', builtIn);
    const other = await call('POST', '/v1/strategies', { ...builtIn, priority: 6 });
    const validation = await call('POST', `/v1/strategies/${name}/versions/1/validate`);
    const { body: simulation } = await call('POST', `/v1/strategies/${name}/versions/1/simulate`, {
      market: 'm1', baskets: [{ items: ['P0004', 'P0005'] }],
    });
    const active = await call('PUT', `/v1/strategies/${name}/rollout`, { state: 'active', version: '1' }, ANY);

    expect(added).toMatchObject({ status: 201, body: { name, version: '1', state: 'draft', kind: 'basket', use: 'mix-and-match@1', outcome: 'added' } });
    expect(again).toMatchObject({ status: 200, body: { outcome: 'unchanged' } });
    expect(other).toMatchObject({ status: 409, body: { code: 'strategy.version-taken' } });
    expect(validation.body).toEqual({ passed: true, problems: [] });
    expect(simulation).toMatchObject({ baskets: 1, changed: 1, difference: { amount: 100 - listPrice } });
    expect(active).toMatchObject({ status: 200, body: { active: '1', kind: 'basket' } });
    await eventually(async () => { for (let server = 0; server < 8; server += 1) expect(await quoted()).toBe(100); });
    await call('PUT', `/v1/strategies/${name}/rollout`, { state: 'off' }, ANY);
    await eventually(async () => expect(await quoted()).toBe(listPrice));
  });

  it.each<[what: string, body: object, code: string, says: string]>([
    ['both a source and a built-in', { source: 'x', use: 'bulk-price@1' }, 'input.invalid', 'none beside source'],
    ['neither', {}, 'input.invalid', 'a source, or a built-in'],
    ['a built-in without its parameters', { name: 'x', version: '1', use: 'bulk-price@1' }, 'input.invalid', 'params'],
    ['an unknown field', { name: 'x', version: '1', use: 'bulk-price@1', params: {}, code: 'x' }, 'input.invalid', 'code'],
    ['wrong parameters', { name: 'x', version: '1', use: 'bulk-price@1', params: { from: 0, unitPriceMinor: 0.5 } }, 'pricing.rules', 'params.from: expected'],
    ['an amount without a currency', { name: 'x', version: '1', use: 'fixed-off@1', params: { amountMinor: 5 } }, 'pricing.rules', 'scope.currencies'],
    ['an unknown built-in', { name: 'x', version: '1', use: 'constructor', params: {} }, 'pricing.rules', 'the built-ins are buy-n-get-m@1'],
    ['U+0000 in a scope', { name: 'x', version: '1', use: 'buy-n-get-m@1', params: { buy: 1, free: 1 }, scope: { skus: ['a\0'] } }, 'json.text_unstorable', 'U+0000'],
    ['U+0000 in the parameters', { name: 'x', version: '1', use: 'spend-x-save-y@1', params: { spendMinor: 1, saveMinor: 1, coupon: '\0' } }, 'json.text_unstorable', 'U+0000'],
    ['U+0000 in a source', { source: 'export default 0; // \0' }, 'json.text_unstorable', 'U+0000'],
  ])('refuses %s with the reason', async (_what, body, code, says) => {
    const refused = await call('POST', '/v1/strategies', body);

    expect(refused).toMatchObject({ status: 400, body: { code } });
    expect(JSON.stringify(refused.body)).toContain(says);
  });

  it('do not apply to a new market', async () => {
    const market = '/v1/markets/bobs-shop';
    const json = { sku: 'GR1', name: 'Green tea', price: { amount: 311, currency: 'GBP' }, quantity: 10 };
    await call('PUT', market, { currency: 'GBP' });
    await call('POST', `${market}/products`, json);

    await eventually(async () => {
      const { body } = await call('POST', `${market}/quotes`, { items: ['GR1', 'GR1'] });
      expect(body).toMatchObject({ total: { amount: 622 }, skipped: [], lines: [{ adjustments: [] }] });
    });
  });

  async function call(method: string, path: string, body?: object, headers: Record<string, string> = {}) {
    const response = await fetch(`${system.gatewayUrl}${path}`, {
      method,
      headers: { ...(body ? { 'content-type': 'application/json' } : {}), ...headers },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return { status: response.status, body: (await response.json()) as Body };
  }

  /** Quotes are spread over all servers. */
  async function totalsOf(count: number, items: string[]): Promise<number[]> {
    const quotes = Array.from({ length: count }, () => call('POST', '/v1/markets/m1/quotes', { items }));
    return (await Promise.all(quotes)).map(({ body }) => body.total.amount);
  }
});

/** The fields of an answer that these tests read. */
interface Body {
  readonly total: { readonly amount: number };
  readonly items: readonly { readonly name: string }[];
}
