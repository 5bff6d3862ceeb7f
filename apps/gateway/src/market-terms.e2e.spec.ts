import { eventually } from '@aisle/std/testing';
import { patientClient, startSystem, type TestSystem } from '@aisle/dev/testing';

const KG = { code: 'KGM', scale: 3 };
const CODES = [{ kind: 'item', value: '12345' }, { kind: 'plu', value: '4011' }];
const GTIN = { kind: 'gtin', value: '5400000002649' };
const TAX = {
  pricesInclude: false, level: 'line', target: 'net',
  rates: [{ category: 'full', rate: '19', from: '2011-01-01' }, { category: 'food', rate: '7', from: '2011-01-01' }],
};

interface Named {
  readonly sku: string;
  readonly [field: string]: unknown;
}

describe('the terms of a market, behind the gateway', () => {
  let system: TestSystem;
  let names = 0;
  const call = patientClient(() => system.gatewayUrl);

  beforeAll(async () => {
    system = await startSystem({ 'basket-server': 1, market: 1, orders: 1, inventory: 1 });
  });
  afterAll(() => system.stop());

  it('are set, shown and cleared, and refused where they are wrong', async () => {
    const { market } = await shop({ timeZone: 'Europe/Berlin', labels: [{ pattern: '21.....{NNDDD}', value: 'quantity' }] });

    expect((await call('GET', market)).body).toMatchObject({ timeZone: 'Europe/Berlin', labels: [{ pattern: '21.....{NNDDD}' }], version: 1 });
    expect((await call('GET', '/v1/markets?limit=200')).body.items).toContainEqual(expect.objectContaining({ timeZone: 'Europe/Berlin' }));
    const cleared = await call('PUT', market, { timeZone: null, labels: null });
    expect(Object.keys(cleared.body)).toEqual(['id', 'currency', 'rounding', 'thresholds', 'version']);
    for (const [edit, path] of [
      [{ timeZone: '+01:00' }, 'timeZone'], [{ labels: [{ pattern: '21.....{NNDDD}', value: 'price' }] }, 'labels.0.value'],
      [{ tax: { ...TAX, rates: [...TAX.rates, TAX.rates[0]] } }, 'tax.rates'], [{ tax: { ...TAX, rates: [{ category: 'full', rate: 19, from: '2011-01-01' }] } }, 'tax.rates.0.rate'],
    ] as const) {
      const refused = await call('PUT', market, edit);
      expect([refused.status, refused.body.errors[0].path]).toEqual([400, path]);
    }
  });

  it('let scanners find products, in lines, quotes and orders as well', async () => {
    const { market, name } = await shop({ labels: [{ pattern: '21.....{NNDDD}', value: 'quantity' }] }, [
      { sku: 'HAM', name: 'Ham', price: eur(1_299), unit: KG, quantity: 20_000, codes: CODES }, { sku: 'OIL', name: 'Oil', price: eur(899), quantity: 50, codes: [GTIN] },
    ]);
    const basket = `${market}/baskets/anna`;

    const label = await call('GET', `${market}/scan/2112345015002`);
    const link = await call('GET', `${market}/scan/${encodeURIComponent('https://id.gs1.org/01/05400000002649/10/ABC123?17=701231')}`);
    await call('POST', `${basket}/lines`, { code: '2112345015002' });
    const filled = await call('POST', `${basket}/commands`, [{ op: 'add', code: '5400000002649', quantity: 2 }, { op: 'add', sku: 'HAM', quantity: 500 }]);
    const order = await call('POST', '/v1/orders', { market: name, lines: [{ code: '2112345015002', quantity: 2 }, { code: '05400000002649' }] });

    expect(label).toMatchObject({ status: 200, body: { kind: 'item', quantity: 1_500, measure: '1.500 kg', product: { sku: 'HAM', unit: KG } } });
    expect(link.body).toMatchObject({ kind: 'gtin', lot: 'ABC123', expiresOn: '2070-12-31', product: { sku: 'OIL', codes: [{ kind: 'gtin', value: '05400000002649' }] } });
    expect(filled.body.lines).toMatchObject([{ sku: 'HAM', quantity: 2_000, measure: '2.000 kg', net: eur(2_598) }, { sku: 'OIL', quantity: 2 }]);
    expect((await call('POST', `${market}/quotes`, { items: [{ code: '4011', quantity: 250 }, 'OIL'] })).body.lines).toMatchObject([{ sku: 'HAM', quantity: 250 }, { sku: 'OIL' }]);
    expect(order).toMatchObject({ status: 202, body: { lines: [{ sku: 'HAM', quantity: 3_000, measure: '3.000 kg' }, { sku: 'OIL', quantity: 1 }] } });
  });

  it.each<[what: string, method: string, path: string, body: unknown, status: number, problem: object]>([
    ['a wrong check digit', 'GET', '/scan/5400000002640', undefined, 422, { code: 'barcode.check_digit', details: { checkDigit: 9 } }],
    ['an unknown code', 'POST', '/baskets/b/lines', { code: '5400000002649' }, 422, { code: 'barcode.unknown' }],
    ['neither SKU nor code', 'POST', '/baskets/b/lines', { quantity: 1 }, 400, { code: 'input.invalid', errors: [{ path: 'sku' }] }],
    ['SKU and code', 'POST', '/baskets/b/commands', [{ op: 'add', sku: 'TEA', code: '4011' }], 400, { code: 'input.invalid', errors: [{ path: '0.sku' }] }],
    ['SKU and code in a quote', 'POST', '/quotes', { items: [{ sku: 'TEA', code: '4011' }] }, 400, { code: 'input.invalid' }],
  ])('refuse %s', async (_what, method, path, body, status, problem) => {
    const { market } = await shop({});

    expect(await call(method, market + path, body)).toMatchObject({ status, body: problem });
  });

  it('put taxes into quotes, baskets, checkouts and orders, on what is delivered', async () => {
    const { market, name } = await shop({ tax: TAX }, [
      { sku: 'SOAP', name: 'Soap', price: eur(108), quantity: 50, taxCategory: 'full' }, { sku: 'MILK', name: 'Milk', price: eur(115), quantity: 2, taxCategory: 'food' },
    ]);
    const basket = `${market}/baskets/anna`;

    const quote = await call('POST', `${market}/quotes`, { items: [{ sku: 'SOAP', quantity: 3 }, 'MILK'] });
    const filled = await call('POST', `${basket}/commands`, [{ op: 'add', sku: 'SOAP', quantity: 3 }, { op: 'add', sku: 'MILK' }]);
    const out = await call('POST', `${basket}/checkout`, { total: filled.body.total });

    const taxes = {
      pricesInclude: false, net: eur(439), tax: eur(70), rates: [{ rate: '7', net: eur(115), tax: eur(8) }, { rate: '19', net: eur(324), tax: eur(62) }],
    };
    expect(quote.body).toMatchObject({ total: eur(509), taxes, lines: [{ tax: { category: 'full', rate: '19', net: eur(324), tax: eur(62) } }, { tax: { rate: '7' } }] });
    expect(filled.body).toMatchObject({ total: eur(509), taxes });
    expect(out).toMatchObject({ status: 202, body: { total: eur(509), taxes, lines: [{ total: eur(386) }, { total: eur(123) }] } });
    const order = `/v1/orders/${out.body.orderId as string}`;
    await status(order, 'CONFIRMED');
    expect((await call('GET', order)).body).toMatchObject({ total: eur(509), taxes, lines: [{ tax: { tax: eur(62) }, total: eur(386) }, { total: eur(123) }] });
    const partial = await call('POST', '/v1/orders', { market: name, lines: [{ sku: 'MILK', quantity: 3 }, { sku: 'SOAP' }], allowPartial: true });
    expect(partial.body).toMatchObject({ total: eur(369 + 129), taxes: { net: eur(345 + 108), tax: eur(24 + 21) } });
    await status(`/v1/orders/${partial.body.id as string}`, 'CONFIRMED');
    expect((await call('GET', `/v1/orders/${partial.body.id as string}`)).body).toMatchObject({
      total: eur(123 + 129), taxes: { net: eur(115 + 108), tax: eur(8 + 21) }, lines: [{ sku: 'MILK', missing: 2, tax: { tax: eur(8) }, total: eur(123) }, { total: eur(129) }],
    });
  });

  it('ask each product for a tax category, and taxes for products that have one', async () => {
    const { market } = await shop({}, [{ sku: 'SOAP', name: 'Soap', price: eur(108) }]);

    const early = await call('PUT', market, { tax: TAX });
    await call('PATCH', `${market}/products/SOAP`, { taxCategory: 'full' }, { 'if-match': '*' });
    const set = await call('PUT', market, { tax: TAX });
    const untaxed = await call('PUT', `${market}/products/BOOK`, { name: 'Book', price: eur(1_000) });

    expect([early.status, early.body.code, early.body.details.skus]).toEqual([422, 'market.products_untaxed', ['SOAP']]);
    expect([set.status, set.body.tax]).toEqual([200, TAX]);
    expect([untaxed.status, untaxed.body.code]).toEqual([422, 'product.untaxed']);
    await eventually(async () => expect((await call('POST', `${market}/quotes`, { items: ['SOAP'] })).body.total).toEqual(eur(129)));
  });

  it('survive the market and the basket-server that know them', async () => {
    const { market } = await shop({ timeZone: 'Europe/Berlin', tax: TAX, labels: [{ pattern: '21.....{NNDDD}', value: 'quantity' }] }, [
      { sku: 'HAM', name: 'Ham', price: eur(1_299), unit: KG, quantity: 20_000, codes: CODES, taxCategory: 'food' },
    ]);
    const filled = await call('POST', `${market}/baskets/anna/lines`, { code: '2112345015002' });

    for (const app of system.apps.filter(({ instance }) => /^(market|basket-server)/.test(instance))) app.signal('SIGKILL');
    await Promise.all([system.start('market'), system.start('basket-server')]);

    await eventually(async () => expect((await call('GET', `${market}/baskets/anna`)).body).toEqual(filled.body));
    await eventually(async () => expect((await call('GET', `${market}/scan/4011`)).body.product).toMatchObject({ sku: 'HAM', unit: KG, taxCategory: 'food' }));
    expect((await call('GET', market)).body).toMatchObject({ timeZone: 'Europe/Berlin', tax: TAX });
    expect((await call('PUT', `${market}/products/BEEF`, { name: 'Beef', price: eur(1), taxCategory: 'food', codes: CODES })).body).toMatchObject({
      code: 'product.code_taken', details: { owner: 'HAM' },
    });
  });

  /** A market of its own with these terms and products, which basket-servers know already. */
  async function shop(terms: object, products: readonly Named[] = []): Promise<{ market: string; name: string }> {
    const name = `corner-${(names += 1)}`;
    const market = `/v1/markets/${name}`;
    expect((await call('PUT', market, { currency: 'EUR', ...terms })).status).toBe(201);
    for (const product of products) expect(await call('POST', `${market}/products`, product)).toMatchObject({ status: 201, body: { sku: product.sku } });
    await eventually(async () => expect((await call('POST', `${market}/quotes`, { items: products.map(({ sku }) => sku) })).status).toBe(200));
    return { market, name };
  }

  async function status(order: string, wanted: string): Promise<void> {
    await eventually(async () => expect((await call('GET', order)).body.status).toBe(wanted));
  }
});

function eur(amount: number): { amount: number; currency: string } {
  return { amount, currency: 'EUR' };
}
