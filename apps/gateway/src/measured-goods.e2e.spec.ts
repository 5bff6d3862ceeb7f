import { eventually } from '@aisle/std/testing';
import { patientClient, startSystem, type TestSystem } from '@aisle/dev/testing';

const KG = { code: 'KGM', scale: 3 };
const HAM = { sku: 'HAM', name: 'Ham', category: 'meat', price: gbp(1_299), unit: KG, quantity: 20_000 };

describe('goods by measure, behind the gateway', () => {
  let system: TestSystem;
  let names = 0;
  const call = patientClient(() => system.gatewayUrl);

  beforeAll(async () => {
    system = await startSystem({ 'basket-server': 1, market: 1, orders: 1, inventory: 1 });
  });
  afterAll(() => system.stop());

  it('are described with their unit, which stays', async () => {
    const { market, ham } = await shop();

    const changed = await call('PATCH', ham, { price: gbp(1_399) }, { 'if-match': '*' });
    const other = await call('PATCH', ham, { unit: { code: 'LBR', scale: 2 } }, { 'if-match': '*' });
    const wrong = await call('PATCH', ham, { unit: { code: 'kilo', scale: 3 } }, { 'if-match': '*' });

    expect(changed.body).toMatchObject({ unit: KG, quantity: 20_000, price: gbp(1_399) });
    expect([other.status, other.body.code, other.body.details]).toEqual([409, 'product.unit_fixed', { sku: 'HAM', unit: KG }]);
    expect([wrong.status, wrong.body.errors[0].path]).toEqual([400, 'unit.code']);
    expect((await call('GET', `${market}/products`)).body.items).toMatchObject([{ sku: 'HAM', unit: KG }]);
    expect((await call('GET', `${ham}/stock`)).body).toMatchObject({ unit: KG, onHand: 20_000, available: 20_000 });
  });

  it('are low at the threshold in whole units', async () => {
    const { market, ham } = await shop();

    await call('POST', `${ham}/stock/adjustments`, { delta: -14_999, reason: 'sold' });
    const before = (await call('GET', `${market}/stock/alerts`)).body.items;
    await call('POST', `${ham}/stock/adjustments`, { delta: -1, reason: 'sold' });

    expect(before).toEqual([]);
    expect((await call('GET', `${market}/stock/alerts`)).body.items).toEqual([{ type: 'low_stock', sku: 'HAM', available: 5_000, threshold: 5_000 }]);
  });

  it('are imported with their unit, also without saying it again', async () => {
    const { market } = await shop();
    const lines = [{ ...HAM, sku: 'BEEF' }, { sku: 'BEEF', name: 'Beef', price: gbp(2_000) }].map((line) => JSON.stringify(line)).join('\n');

    await fetch(`${system.gatewayUrl}${market}/products:import`, { method: 'POST', headers: { 'content-type': 'application/x-ndjson' }, body: lines });

    expect((await call('GET', `${market}/products/BEEF`)).body).toMatchObject({ name: 'Beef', price: gbp(2_000), unit: KG, quantity: 20_000 });
  });

  it('are quoted, put in a basket, checked out, ordered, reserved and handed out by measure', async () => {
    const { market, ham } = await shop();
    const basket = `${market}/baskets/anna`;

    const quote = await call('POST', `${market}/quotes`, { items: [{ sku: 'HAM', quantity: 1_250 }] });
    await call('POST', `${basket}/lines`, { sku: 'HAM', quantity: 1_000 });
    const filled = await call('PUT', `${basket}/lines/HAM`, { quantity: 1_500 });
    const out = await call('POST', `${basket}/checkout`, { total: gbp(1_949) });

    expect(quote.body).toMatchObject({ lines: [{ measure: '1.250 kg', unit: KG, gross: gbp(1_624) }], total: gbp(1_624) });
    expect(filled.body).toMatchObject({ lines: [{ sku: 'HAM', quantity: 1_500, measure: '1.500 kg', net: gbp(1_949) }], total: gbp(1_949) });
    expect(out).toMatchObject({ status: 202, body: { lines: [{ quantity: 1_500, unit: KG, measure: '1.500 kg' }], total: gbp(1_949) } });
    const order = `/v1/orders/${out.body.orderId as string}`;
    await status(order, 'CONFIRMED');
    expect((await call('GET', order)).body).toMatchObject({ lines: [{ quantity: 1_500, unit: KG, measure: '1.500 kg', gross: gbp(1_949) }], total: gbp(1_949) });
    expect((await call('GET', `${ham}/stock`)).body).toMatchObject({ onHand: 20_000, reserved: 1_500 });
    await call('POST', `${order}/fulfil`);
    expect((await call('GET', `${ham}/stock/movements`)).body.items).toMatchObject([{ kind: 'initial', delta: 20_000 }, { kind: 'fulfilled', delta: -1_500, onHand: 18_500 }]);
  });

  it('are delivered in part at the price of the delivered measure', async () => {
    const { market } = await shop();
    const name = decodeURIComponent(market.split('/').at(-1)!);

    const { body } = await call('POST', '/v1/orders', { market: name, lines: [{ sku: 'HAM', quantity: 20_500 }], allowPartial: true });

    await status(`/v1/orders/${body.id as string}`, 'CONFIRMED');
    expect((await call('GET', `/v1/orders/${body.id as string}`)).body).toMatchObject({
      lines: [{ quantity: 20_500, measure: '20.500 kg', missing: 500, gross: gbp(25_980) }], total: gbp(25_980), missing: [{ sku: 'HAM', quantity: 500 }],
    });
  });

  it.each([['HAM', 9_999_000, 202], ['HAM', 9_999_001, 400], ['TEA', 9_999, 202], ['TEA', 10_000, 400]])(
    'are limited in whole units: an order of %s × %d is answered with %d', async (sku, quantity, expected) => {
      const { market } = await shop();
      await call('PUT', `${market}/products/TEA`, { name: 'Tea', price: gbp(100) });
      await eventually(async () => expect((await call('POST', `${market}/quotes`, { items: ['TEA'] })).status).toBe(200));

      const answer = await call('POST', '/v1/orders', { market: decodeURIComponent(market.split('/').at(-1)!), lines: [{ sku, quantity }] });
      const added = await call('POST', `${market}/baskets/${sku}-${quantity}/lines`, { sku, quantity });

      expect([answer.status, added.status]).toEqual([expected, expected === 202 ? 201 : 400]);
      if (expected === 400) expect([answer.body.code, added.body.code, added.body.errors[0].path]).toEqual(['input.invalid', 'input.invalid', 'quantity']);
    },
  );

  /** A market of its own with ham, which basket-servers sell already. */
  async function shop(): Promise<{ market: string; ham: string }> {
    const market = `/v1/markets/butcher-${(names += 1)}`;
    const ham = `${market}/products/HAM`;
    const { sku: _sku, ...words } = HAM;
    expect(await call('PUT', ham, words)).toMatchObject({ status: 201, body: HAM });
    await eventually(async () => expect((await call('POST', `${market}/quotes`, { items: ['HAM'] })).status).toBe(200));
    return { market, ham };
  }

  async function status(order: string, wanted: string): Promise<void> {
    await eventually(async () => expect((await call('GET', order)).body.status).toBe(wanted));
  }
});

function gbp(amount: number): { amount: number; currency: string } {
  return { amount, currency: 'GBP' };
}
