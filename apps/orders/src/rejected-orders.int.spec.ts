import { EVENTS, OrderProtocol, type PlaceOrder, type RestoreBasket } from '@aisle/contracts';
import { choiceBy } from '@aisle/contracts/testing';
import { failures } from '@aisle/std';
import { eventually } from '@aisle/std/testing';
import { gbp } from './testing/fake-baskets.ts';
import { OrderCalls, annas, newId, plainLine } from './testing/order-calls.ts';
import { INVENTORY, MARKETS, expired, refused, startOrders, type OrdersWorld } from './testing/orders-world.ts';

const BasketFailure = failures('basket', { full: ['rejected', 'the basket has no room'] });

describe('a rejected order', () => {
  let world: OrdersWorld;
  const calls = new OrderCalls(() => world);
  let baskets = 0;

  beforeAll(async () => {
    world = await startOrders({
      ORDER_RETRY_MS: '300', BASKET_ATTEMPT_MS: '100', MARKET_ATTEMPT_MS: '100', ORDER_TIMEOUT_MS: '600000',
    });
  });
  afterAll(() => world.stop());
  afterEach(() => {
    world.baskets.isDeaf = false;
    world.baskets.refusal = undefined;
    world.baskets.merged.clear();
  });

  it('shows the missing units, and keeps its price at placing', async () => {
    const { id } = await placed();

    await world.publish(INVENTORY, [refused(id, [{ sku: 'SR1', quantity: 1 }])]);

    const order = await calls.ended(id, 'REJECTED');
    expect(order).toMatchObject({ reason: 'out_of_stock', missing: [{ sku: 'SR1', quantity: 1 }], total: gbp(1_622), lines: family.lines });
    expect(order.lines.some((line) => 'missing' in line)).toBe(false);
    const [, rejected] = await calls.published(id);
    expect(EVENTS.OrderRejected.parse(rejected?.data)).toEqual({
      orderId: id, market: 'm1', reason: 'out_of_stock', missing: [{ sku: 'SR1', quantity: 1 }],
    });
  });

  it('puts its lines back into its basket once, however often the event comes', async () => {
    const { id, basket } = await placed();

    await world.publish(INVENTORY, Array(3).fill(refused(id, [{ sku: 'SR1', quantity: 1 }])));
    await atRest(id);
    await world.publish(INVENTORY, [refused(id, [{ sku: 'SR1', quantity: 1 }])]);
    await calls.ended(id, 'REJECTED');

    expect(world.baskets.restored.get(basket)).toEqual([{
      orderId: id, reason: 'out_of_stock', missing: [{ sku: 'SR1', quantity: 1 }],
      lines: [{ sku: 'GR1', quantity: 2 }, { sku: 'SR1', quantity: 2 }],
    } satisfies RestoreBasket]);
    expect(askedAbout(id)).toEqual([{ type: 'basket.restore', id: `restore/${id}`, actor: basket, body: expect.any(Object) }]);
  });

  it('is read with every choice of its lines, and puts them back with it', async () => {
    const chosen = { ...plainLine('GR1', 3, 311), ...choiceBy(3) };
    const { id, basket } = await placed({ ...family, lines: [chosen], total: chosen.total });

    await world.publish(INVENTORY, [refused(id)]);

    expect((await calls.ended(id, 'REJECTED')).lines).toMatchObject([choiceBy(3)]);
    await atRest(id);
    expect(world.baskets.restored.get(basket)).toMatchObject([{ lines: [{ sku: 'GR1', ...choiceBy(3) }] }]);
  });

  it('puts them back after the end of its reservation, and after a time-out', async () => {
    const [late, silent] = [await placed(), await placed()];

    await world.publish(MARKETS, [expired(late.id)]);
    await world.rows.query('UPDATE orders SET due_at = now() WHERE id = $1', [silent.id]);

    expect(await calls.ended(late.id, 'REJECTED')).toMatchObject({ reason: 'expired' });
    expect(await calls.ended(silent.id, 'REJECTED')).toMatchObject({ reason: 'timeout' });
    for (const { id } of [late, silent]) await atRest(id);
    expect(world.baskets.restored.get(late.basket)).toMatchObject([{ reason: 'expired', missing: [] }]);
    expect(world.baskets.restored.get(silent.basket)).toMatchObject([{ reason: 'timeout', missing: [] }]);
  });

  it('puts nothing back after a cancellation, or without a basket', async () => {
    const { id } = await placed();
    const { order } = await calls.create('no basket', [{ sku: 'GR1', quantity: 1 }]);

    await world.ask(OrderProtocol.cancel, { actor: id });
    await world.publish(INVENTORY, [refused(order.id, [{ sku: 'GR1', quantity: 1 }])]);

    await calls.ended(order.id, 'REJECTED');
    for (const one of [id, order.id]) await atRest(one);
    expect([...askedAbout(id), ...askedAbout(order.id)].filter(({ type }) => type === 'basket.restore')).toEqual([]);
  });

  it('puts them into the basket at the end of a chain of merges', async () => {
    const { id, basket } = await placed();
    world.baskets.merged.set(basket, 'anna').set('anna', "anna's till").set("anna's till", 'home');

    await world.publish(INVENTORY, [refused(id)]);
    await atRest(id);

    expect(world.baskets.restored.get('home')).toMatchObject([{ orderId: id }]);
    expect(askedAbout(id).map(({ actor, id: command }) => [actor, command])).toEqual(
      [basket, 'anna', "anna's till", 'home'].map((actor) => [actor, `restore/${id}`]));
  });

  it('repeats the request until its basket answers', async () => {
    const { id, basket } = await placed();
    world.baskets.isDeaf = true;

    await world.publish(INVENTORY, [refused(id)]);
    await eventually(() => expect(world.logs).toContainEqual(
      expect.objectContaining({ message: 'step not answered', step: 'restore', orderId: id })));
    expect(await stepOf(id)).toBe('restore');
    world.baskets.isDeaf = false;

    await atRest(id);
    expect(world.baskets.restored.get(basket)).toHaveLength(1);
  });

  it.each<[what: string, away: (basket: string) => void, code: string]>([
    ['refuses them', () => (world.baskets.refusal = BasketFailure.full()), 'basket.full'],
    ['was merged in a circle', (basket) => world.baskets.merged.set(basket, 'other').set('other', basket), 'basket.merged'],
  ])('ends with a logged error when its basket %s for good', async (_what, away, code) => {
    const { id, basket } = await placed();
    away(basket);

    await world.publish(INVENTORY, [refused(id)]);
    await atRest(id);

    expect(await calls.read(id)).toMatchObject({ status: 'REJECTED' });
    expect(world.logs).toContainEqual(expect.objectContaining({ level: 'error', message: 'step refused', step: 'restore', orderId: id }));
    expect(JSON.stringify(world.logs.find(({ orderId, level }) => orderId === id && level === 'error'))).toContain(code);
  });

  it('holds up no other order while its basket does not answer', async () => {
    const [rejected, sold] = [await placed(), await placed()];
    world.baskets.isDeaf = true;
    world.market.reserve({ orderId: sold.id });

    await world.publish(INVENTORY, [refused(rejected.id)]);
    await calls.confirm(sold.id);

    expect(await stepOf(rejected.id)).toBe('restore');
  });

  const family: PlaceOrder = {
    ...annas, lines: [plainLine('GR1', 2, 311), plainLine('SR1', 2, 500)], total: gbp(1_622),
  };

  /** The order of another basket. */
  async function placed(order = family): Promise<{ id: string; basket: string }> {
    const [id, basket] = [newId(), `family ${(baskets += 1)}`];
    await calls.place(id, { ...order, basket });
    return { id, basket };
  }

  function askedAbout(id: string) {
    return world.baskets.requests.filter(({ body }) => (body as Partial<RestoreBasket>).orderId === id);
  }

  async function stepOf(id: string): Promise<string | null | undefined> {
    const { rows } = await world.rows.query<{ step: string | null }>('SELECT step FROM orders WHERE id = $1', [id]);
    return rows[0]?.step;
  }

  function atRest(id: string): Promise<void> {
    return eventually(async () => {
      const { rows } = await world.rows.query(
        "SELECT 1 FROM orders WHERE id = $1 AND status IN ('REJECTED', 'CANCELLED') AND step IS NULL AND due_at IS NULL", [id]);
      expect(rows).toHaveLength(1);
    });
  }
});
