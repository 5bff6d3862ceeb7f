import { eventually } from '@aisle/std/testing';
import {
  MARKETS, ORDERS, orderCreated, startInventory, stockMoved, type InventoryWorld,
} from './testing/inventory-world.ts';

describe('inventory', () => {
  let world: InventoryWorld;
  beforeAll(async () => {
    world = await startInventory();
  });
  afterAll(() => world.stop());

  describe('given an order', () => {
    it('reserves its stock, records that, and publishes it', async () => {
      world.stock.set('tea', 10);

      await world.publish(ORDERS, [orderCreated('o1', { quantity: 4 })]);

      expect(await publishedFor('o1')).toEqual([
        { type: 'InventoryUpdated', data: { orderId: 'o1', market: 'm1', lines: [{ sku: 'tea', quantity: 4 }], missing: [] } },
      ]);
      expect(await ledger('o1')).toEqual([{ reason: null, sku: 'tea', reserved: 4, missing: 0 }]);
    });

    it('publishes a rejection if there is not enough stock', async () => {
      world.stock.set('tea', 3);

      await world.publish(ORDERS, [orderCreated('o2', { quantity: 4 })]);

      expect(await publishedFor('o2')).toMatchObject([
        { type: 'InventoryRejected', data: { reason: 'out_of_stock', missing: [{ sku: 'tea', quantity: 1 }] } },
      ]);
      expect(await ledger('o2')).toEqual([{ reason: 'out_of_stock', sku: 'tea', reserved: 0, missing: 1 }]);
    });

    it('reserves the available units of a partial order', async () => {
      world.stock.set('tea', 3);

      await world.publish(ORDERS, [orderCreated('o3', { quantity: 4, allowPartial: true })]);

      expect(await publishedFor('o3')).toMatchObject([{ data: { lines: [{ quantity: 3 }], missing: [{ quantity: 1 }] } }]);
      expect(await ledger('o3')).toEqual([{ reason: null, sku: 'tea', reserved: 3, missing: 1 }]);
    });

    it('reserves once, even if the event is redelivered', async () => {
      world.stock.set('tea', 10);
      const order = orderCreated('o4');

      await world.publish(ORDERS, [order, order, order]);
      await publishedFor('o4');
      await world.publish(ORDERS, [order, orderCreated('after it')]);

      await publishedFor('after it');
      expect(await publishedFor('o4')).toHaveLength(1);
      expect(world.stock.get('tea')).toBe(8);
    });

    it('reserves the stock of an order in an event of an older version', async () => {
      world.stock.set('tea', 10);
      const { data, ...event } = orderCreated('older', { quantity: 4 });
      const { lines, basket: _basket, adjustments: _adjustments, ...older } = data;
      const bare = lines.map(({ sku, quantity, unitPrice, net }) => ({ sku, quantity, unitPrice, net }));

      await world.publish(ORDERS, [{ ...event, data: { ...older, lines: bare } as unknown as typeof data }]);

      expect(await publishedFor('older')).toMatchObject([{ type: 'InventoryUpdated', data: { lines: [{ sku: 'tea', quantity: 4 }] } }]);
    });

    it('neither rejects an order nor delays others when a market does not answer', async () => {
      world.stock.set('tea', 10);
      world.faults.push('unavailable', 'silence', 'unavailable');

      await world.publish(ORDERS, ['o5', 'o6', 'o7', 'o8'].map((id) => orderCreated(id)));

      for (const id of ['o5', 'o6', 'o7', 'o8']) expect(await publishedFor(id)).toMatchObject([{ type: 'InventoryUpdated' }]);
      expect(world.stock.get('tea')).toBe(6);
      expect(['o5', 'o6', 'o7', 'o8'].filter((id) => (world.requests.get(id) ?? 0) > 1)).toHaveLength(3);
    });
  });

  describe('given a movement', () => {
    it('records it and the resulting stock', async () => {
      await world.publish(MARKETS, [stockMoved('1-1', 10, 10), stockMoved('2-1', -3, 7), stockMoved('1-1', 5, 5, 'm2')]);

      await eventually(async () => expect(await onHand()).toEqual({ m1: 7, m2: 5 }));
      expect(await movements('m1')).toEqual(['1-1', '2-1']);
    });

    it('changes nothing for a known movement, however late it is redelivered', async () => {
      await world.publish(MARKETS, [stockMoved('1-1', 10, 10), stockMoved('3-1', -7, 0), stockMoved('2-1', -3, 7)]);

      await eventually(async () => expect(await movements('m1')).toEqual(['1-1', '2-1', '3-1']));
      expect(await onHand()).toEqual({ m1: 0, m2: 5 });
    });
  });

  /** The published events about an order, once there are some. */
  function publishedFor(orderId: string): Promise<unknown[]> {
    return eventually(async () => {
      const { rows } = await world.rows.query<{ event: object }>(
        `SELECT json_build_object('type', event->'type', 'data', event->'data') AS event FROM outbox_log WHERE key = $1`, [orderId],
      );
      expect(rows).not.toEqual([]);
      return rows.map(({ event }) => event);
    });
  }

  async function ledger(orderId: string): Promise<unknown[]> {
    const { rows } = await world.rows.query(
      `SELECT reason, sku, reserved, missing FROM ledger_entry JOIN ledger_line USING (tenant, order_id) WHERE order_id = $1`,
      [orderId],
    );
    return rows;
  }

  async function onHand(): Promise<Record<string, number>> {
    const { rows } = await world.rows.query<{ market: string; onHand: number }>(
      `SELECT market, on_hand AS "onHand" FROM inventory`,
    );
    return Object.fromEntries(rows.map(({ market, onHand: units }) => [market, units]));
  }

  async function movements(market: string): Promise<string[]> {
    const { rows } = await world.rows.query<{ id: string }>(
      'SELECT id FROM stock_movement WHERE market = $1 ORDER BY id', [market],
    );
    return rows.map(({ id }) => id);
  }
});
