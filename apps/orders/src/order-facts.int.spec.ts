import { EVENTS, Order, type PlaceOrder } from '@aisle/contracts';
import { gbp } from './testing/fake-baskets.ts';
import { OrderCalls, annas, newId, plainLine } from './testing/order-calls.ts';
import { startOrders, type OrdersWorld } from './testing/orders-world.ts';

const rule = (code: string, amount: number) => ({
  code, amount: gbp(amount), message: `a rule says "${code}"`, strategy: code, version: '2.1.0', sha256: 'a'.repeat(64),
});

/** An order with a line rule, a rule for the whole order, and a rule that failed. */
const recorded: PlaceOrder = {
  basket: 'anna',
  lines: [
    { ...plainLine('GR1', 2, 311), category: 'tea', adjustments: [rule('two for one', -311)], net: gbp(311), share: gbp(-31), total: gbp(280) },
    { ...plainLine('SR1', 1, 500), share: gbp(-50), total: gbp(450), degraded: true },
  ],
  adjustments: [rule('ten off', -81)],
  total: gbp(730),
  degraded: true,
  pricing: { at: '2026-11-30T09:00:00.000Z', rules: 7, canaryKey: 'anna' },
};

describe('the facts of an order', () => {
  let world: OrdersWorld;
  const calls = new OrderCalls(() => world);

  beforeAll(async () => {
    world = await startOrders();
  });
  afterAll(() => world.stop());

  it('are in its document, in the lists, and in the integration events', async () => {
    const id = await calls.placed(recorded);
    await calls.confirm(id);

    const order = await calls.read(id);

    expect(Order.parse(order)).toMatchObject({ lines: recorded.lines, adjustments: recorded.adjustments, total: gbp(730), degraded: true });
    expect((await calls.list({ limit: 200 })).items.find((one) => one.id === id)).toMatchObject({ degraded: true, total: gbp(730) });
    const [created, confirmed] = await calls.published(id);
    const price = { basket: 'anna', lines: recorded.lines, adjustments: recorded.adjustments, total: gbp(730), degraded: true };
    expect(EVENTS.OrderCreated.parse(created?.data)).toMatchObject(price);
    expect(EVENTS.OrderConfirmed.parse(confirmed?.data)).toEqual({ orderId: id, market: 'm1', ...price });
  });

  it('are stored unchanged, whatever a rule writes', async () => {
    const message = '"nothing": \u0000, \\u0000, \u{1f34e}';
    const id = await calls.placed({ ...annas, lines: [{ ...annas.lines[0]!, adjustments: [{ ...rule('odd', 0), message }] }] });

    expect((await calls.read(id)).lines[0]?.adjustments[0]?.message).toBe(message);
  });

  it('add up, or the order is refused', async () => {
    const id = newId();

    const answer = await calls.place(id, { ...recorded, total: gbp(731) }).catch((failure: Error) => failure.message);

    expect(answer).toBe('the receiver crashed on the request');
    expect(JSON.stringify(world.logs)).toContain('the lines of an order must sum to its total 731, but sum to 730');
    await expect(calls.read(id)).rejects.toMatchObject({ code: 'order.missing' });
  });

  it('are requested for all products at once, with the canary key, which belongs to the order', async () => {
    const lines = [{ sku: 'GR1', quantity: 1 }, { sku: 'SR1', quantity: 1 }, { sku: 'GR1', quantity: 2 }];

    const first = await calls.create('canary', lines, { canaryKey: 'customer 17' });
    const again = await calls.create('canary', lines, { canaryKey: 'customer 17' });
    const other = await calls.create('canary', lines).catch((failure: { code: string }) => failure.code);

    expect(first.order.lines.map(({ sku, quantity }) => [sku, quantity])).toEqual([['GR1', 3], ['SR1', 1]]);
    expect(world.baskets.requests[0]).toMatchObject({
      type: 'basket.price', body: { canaryKey: 'customer 17', lines: [{ sku: 'GR1', quantity: 3 }, { sku: 'SR1', quantity: 1 }] },
    });
    expect([again.order, again.replayed]).toEqual([first.order, true]);
    expect(other).toBe('idempotency.mismatch');
  });

  describe('of an order from before they were recorded', () => {
    const lines: readonly [sku: string, quantity: number, missing: number, unit: number, net: number][] = [
      ['old-tea', 3, 0, 333, 666], ['old-milk', 4, 1, 100, 400], ['old-jam', 1, 0, 1, 1],
    ];

    it.each([['with what a rule took off the whole', 899], ['without it', 967]])('are supplied so that they add up: %s', async (_what, total) => {
      const id = await oldOrder(total);

      const order = Order.parse(await calls.read(id));

      expect(order.lines.map(({ name }) => name)).toEqual(['Old tea', 'old-milk', 'old-jam']);
      expect(order.lines.map(({ gross, net }) => [gross.amount, net.amount])).toEqual([[999, 666], [300, 300], [1, 1]]);
      expect(order.lines[0]?.adjustments).toMatchObject([{ code: 'unrecorded', amount: gbp(-333) }]);
      expect(order.lines.reduce((sum, line) => sum + line.total.amount, 0)).toBe(total);
      expect(order.adjustments.map(({ code, amount }) => [code, amount.amount])).toEqual(total === 967 ? [] : [['unrecorded', -68]]);
      expect(order).toMatchObject({ total: gbp(total), missing: [{ sku: 'old-milk', quantity: 1 }] });
    });

    it('are published with its confirmation', async () => {
      const id = await oldOrder(967);

      await calls.confirm(id);

      const [confirmed] = await calls.published(id);
      expect(EVENTS.OrderConfirmed.parse(confirmed?.data)).toMatchObject({ total: gbp(967), lines: [{ name: 'Old tea' }, {}, {}] });
    });

    it('do not make a repeated checkout of its basket a mismatch', async () => {
      const id = newId();
      await calls.place(id);
      // The hash that earlier versions stored for the same basket.
      await world.rows.query(
        "UPDATE orders SET payload_hash = 'RZYuiALfXfq4GkkODp0Ow7I21L2n6L7EpIhoOqVCDaI' WHERE id = $1", [id]);

      expect(await calls.place(id)).toEqual({ outcome: 'already-placed' });
    });

    async function oldOrder(total: number): Promise<string> {
      const id = newId();
      await world.rows.query(
        `INSERT INTO orders (tenant, id, market, status, due_at, currency, total_minor, allow_partial, payload_hash, traceparent, created_at)
         VALUES ('default', $1, 'm1', 'PENDING', now() + interval '1 hour', 'GBP', $2, true, '', '', now())`, [id, total]);
      await world.rows.query(
        `INSERT INTO product (tenant, market, sku, name) VALUES ('default', 'm1', 'old-tea', 'Old tea'),
           ('default', 'm1', 'old-milk', NULL), ('default', 'm1', 'old-jam', NULL) ON CONFLICT DO NOTHING`);
      for (const [index, line] of lines.entries()) {
        await world.rows.query(
          `INSERT INTO order_line (tenant, order_id, line, market, sku, quantity, missing, unit_price_minor, net_minor)
           VALUES ('default', $1, $2, 'm1', $3, $4, $5, $6, $7)`, [id, index + 1, ...line]);
      }
      return id;
    }
  });
});
