import { randomUUID } from 'node:crypto';
import { ensureInfra, type Infra } from '@aisle/dev';
import { Client } from 'pg';
import { addItems } from './add-items.ts';
import { AddLedger } from './add-ledger.ts';
import { startContender, type Contender } from './contenders.ts';

describe('the bare prototype of the add path', () => {
  let infra: Infra;
  let admin: Client;
  let prototype: Contender;

  beforeAll(async () => {
    infra = await ensureInfra();
    admin = new Client({ connectionString: infra.adminDatabaseUrl });
    await admin.connect();
    prototype = await startContender('prototype', { servers: { ...infra, admin } });
  });

  afterAll(async () => {
    const printed = await prototype.stop();
    await admin.end();
    await infra.release();
    expect(printed).toEqual([]);
  });

  it('answers an add with the whole basket, at the prices of the catalogue', async () => {
    await add('priced', { sku: 'GR1', quantity: 2 });

    const { status, body } = await add('priced', { sku: 'CF1', quantity: 1 });

    expect(status).toBe(200);
    expect(body).toEqual({
      id: 'priced',
      market: 'm1',
      version: 2,
      lines: [
        { sku: 'GR1', name: 'Green tea', quantity: 2, unitPrice: pounds(311), net: pounds(622) },
        { sku: 'CF1', name: 'Coffee', quantity: 1, unitPrice: pounds(1_123), net: pounds(1_123) },
      ],
      total: pounds(1_745),
    });
    expect(await call('priced')).toEqual({ status: 200, body });
  });

  it('answers a command id that it has seen as it did then, and changes nothing', async () => {
    const key = randomUUID();
    const first = await add('repeated', { sku: 'GR1', quantity: 1 }, key);
    const second = await add('repeated', { sku: 'GR1', quantity: 5 });

    expect(await add('repeated', { sku: 'GR1', quantity: 1 }, key)).toEqual(first);
    expect(await call('repeated')).toEqual(second);
  });

  it.each([
    ['a product that is not sold', 422, { sku: 'XX9', quantity: 1 }, randomUUID()],
    ['no product', 400, { quantity: 1 }, randomUUID()],
    ['a quantity of 0', 400, { sku: 'GR1', quantity: 0 }, randomUUID()],
    ['a key that is not a UUID', 400, { sku: 'GR1', quantity: 1 }, 'key-1'],
  ])('refuses %s', async (_what, status, item, key) => {
    const basket = `refused-${randomUUID()}`;

    expect(await add(basket, item, key)).toMatchObject({ status });
    expect(await call(basket)).toMatchObject({ status: 404 });
  });

  it('refuses a command id with another payload', async () => {
    const key = randomUUID();
    const first = await add('reused', { sku: 'GR1', quantity: 1 }, key);

    expect(await add('reused', { sku: 'GR1', quantity: 2 }, key)).toMatchObject({ status: 422 });
    expect(await call('reused')).toEqual(first);
  });

  it('holds exactly the adds of many clients, on both of its servers', async () => {
    const ledger = new AddLedger(Array.from({ length: 20 }, (_, at) => `many-${at}`));
    const load = { address: prototype.address, market: 'm1', ledger, clients: 16, forMs: Infinity, addsMax: 500 };

    expect(await addItems(load)).toMatchObject({ acknowledged: 500, refused: 0, doubtful: 0 });
    expect(await ledger.discrepancies(prototype.address, 'm1')).toEqual([]);
  });

  function add(basket: string, item: object, key: string = randomUUID()) {
    return call(basket, item, key);
  }

  /** An add with an item, otherwise a read. */
  async function call(basket: string, item?: object, key = ''): Promise<{ status: number; body: unknown }> {
    const { host, port } = prototype.address;
    const url = `http://${host}:${port}/v1/markets/m1/baskets/${basket}`;
    const headers = { 'content-type': 'application/json', 'idempotency-key': key };
    const response = item
      ? await fetch(`${url}/lines`, { method: 'POST', headers, body: JSON.stringify(item) })
      : await fetch(url);
    return { status: response.status, body: await response.json() };
  }
});

function pounds(amount: number) {
  return { amount, currency: 'GBP' };
}
