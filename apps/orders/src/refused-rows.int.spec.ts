import { OrderProtocol, type Order, type PlaceOrder, type PlaceReply } from '@aisle/contracts';
import { eventually } from '@aisle/std/testing';
import { gbp } from './testing/fake-baskets.ts';
import { annas as basket, newId, plainLine } from './testing/order-calls.ts';
import { INVENTORY, MARKETS, reserved, startOrders, type OrdersWorld, type TestEvent } from './testing/orders-world.ts';

const NEIGHBOURS = 60;
const line = plainLine('GR1', 2, 311);

describe('an order that PostgreSQL refuses', () => {
  let world: OrdersWorld;
  beforeAll(async () => {
    world = await startOrders({ ORDER_RETRY_MS: '300', MARKET_ATTEMPT_MS: '100' });
  });
  afterAll(() => world.stop());
  beforeEach(() => void world.logs.splice(0));

  it.each<[what: string, sqlState: string | undefined, order: PlaceOrder]>([
    ['a text with U+0000', undefined, { ...basket, lines: [{ ...line, sku: 's3cret\0' }] }],
    ['a quantity beyond its type', '22003', { ...basket, lines: [{ ...line, quantity: 3_000_000_000 }] }],
    ['a quantity that a constraint forbids', '23514', { ...basket, lines: [{ ...line, quantity: -1 }] }],
    ['a currency that is too long', undefined, inCurrency('s3cret')],
    ['a missing SKU', undefined, { ...basket, lines: [{ ...line, sku: null as unknown as string }] }],
  ])('for %s is not placed; all orders of the same batch are', async (_what, sqlState, poison) => {
    const neighbours = Array.from({ length: NEIGHBOURS }, newId);
    const place = (id: string, body = basket): Promise<PlaceReply> => world.ask(OrderProtocol.place, { actor: id }, body);

    const placing = neighbours.map((id) => place(id));
    const refused = place(newId(), poison).catch((error: unknown) => error);
    placing.push(...neighbours.map((id) => place(id)));

    // The entry refuses values that the protocol excludes. Only the database refuses the others.
    expect(await refused).toMatchObject(sqlState ? { name: 'RemoteCrash' } : { kind: 'invalid', code: 'message.body_invalid' });
    expect((await Promise.all(placing)).map(({ outcome }) => outcome)).toEqual([
      ...Array<string>(NEIGHBOURS).fill('placed'), ...Array<string>(NEIGHBOURS).fill('already-placed')]);
    const errors = world.logs.filter(({ level }) => level === 'error');
    expect(errors).toMatchObject(sqlState ? [{ message: 'command crashed', error: { name: 'DataRefused', code: sqlState } }] : []);
    expect(JSON.stringify(world.logs)).not.toContain('s3cret');
  });

  it('by its id fails the read of that order, and no other read', async () => {
    const id = newId();
    await world.ask(OrderProtocol.place, { actor: id }, basket);
    const read = (actor: string): Promise<Order> => world.ask(OrderProtocol.read, { actor });

    const reads = await Promise.allSettled([read(id), read('zero \0 byte'), read(id)]);

    expect(reads).toMatchObject([{ value: { id } }, { reason: { kind: 'invalid', code: 'message.header_invalid' } }, { value: { id } }]);
  });

  it('in an event is a dead letter; the orders before and behind it are decided', async () => {
    const ids = Array.from({ length: 20 }, newId);
    for (const id of ids) {
      await world.ask(OrderProtocol.place, { actor: id }, basket);
      world.market.reserve({ orderId: id });
    }
    const events = ids.map((id) => reserved(id));
    const named = (name: string): TestEvent<'ProductChanged'> => ({
      type: 'ProductChanged', key: `default/${name}`,
      data: { market: 'm1', sku: `sku of ${name}`, name, category: null, price: gbp(1), deleted: false, revision: 9 },
    });

    await world.publish(INVENTORY, [...events.slice(0, 10), reserved('s3cret\0'), ...events.slice(10)]);
    await world.publish(MARKETS, [named('tea'), named('s3cret\0'), named('coffee')]);

    await eventually(async () => {
      const { rows } = await world.rows.query<{ id: string }>(`SELECT id FROM orders WHERE status = 'CONFIRMED' AND id = ANY ($1)`, [ids]);
      expect(rows.map(({ id }) => id).sort()).toEqual([...ids].sort());
    });
    await eventually(async () => {
      const { rows } = await world.rows.query<{ name: string }>(`SELECT name FROM product WHERE sku LIKE 'sku of%' ORDER BY name`);
      expect(rows.map(({ name }) => name)).toEqual(['coffee', 'tea']);
    });
    await eventually(async () => {
      const { rows } = await world.rows.query(`SELECT type, code FROM events.dead_letter ORDER BY type`);
      expect(rows).toMatchObject([{ type: 'InventoryUpdated' }, { type: 'ProductChanged' }]);
    });
  });
});

/** The order of the basket, with all amounts in another currency. */
function inCurrency(currency: string): PlaceOrder {
  return JSON.parse(JSON.stringify(basket).replaceAll('"GBP"', JSON.stringify(currency))) as PlaceOrder;
}
