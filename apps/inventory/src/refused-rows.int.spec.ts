import { eventually } from '@aisle/std/testing';
import {
  MARKETS, ORDERS, orderCreated, startInventory, stockMoved, type InventoryWorld, type TestEvent,
} from './testing/inventory-world.ts';

describe('an event that PostgreSQL refuses', () => {
  let world: InventoryWorld;
  beforeAll(async () => {
    world = await startInventory();
  });
  afterAll(async () => {
    await world.stop();
    // No other error was logged.
    expect(new Set(world.errors.map(({ message }) => message))).toEqual(new Set(['event became a dead letter']));
  });

  it('becomes a dead letter; orders before and after it get their stock once', async () => {
    const ids = Array.from({ length: 40 }, (_, number) => `o${number}`);
    world.stock.set('tea', 100);
    const orders = ids.map((id) => orderCreated(id));

    await world.publish(ORDERS, [
      ...orders.slice(0, 20), orderCreated('sick', { sku: 'zero \0 byte', quantity: 1 }), orderCreated('large', { quantity: 1e10 }),
      ...orders.slice(20),
    ]);

    await eventually(async () => expect(await letters('inventory')).toEqual(['created-large', 'created-sick']));
    const { rows } = await world.rows.query<{ id: string }>(`SELECT order_id AS id FROM ledger_entry WHERE reason IS NULL`);
    expect(rows.map(({ id }) => id).sort()).toEqual([...ids].sort());
    expect(world.stock.get('tea')).toBe(60);
  });

  it('becomes a dead letter; movements before and after it are in the projection', async () => {
    const sick = stockMoved('sick-1', 1, 1, 'sick');
    const poison: TestEvent<'StockMoved'> = { ...sick, data: { ...sick.data, reason: '\0' } };

    await world.publish(MARKETS, [stockMoved('1-1', 10, 10), poison, stockMoved('2-1', 5, 15), stockMoved('1-1', 7, 7, 'm2')]);

    await eventually(async () => expect(await letters('inventory-stock')).toEqual(['moved-sick-sick-1']));
    const { rows } = await world.rows.query<{ market: string; on_hand: number }>('SELECT market, on_hand FROM inventory ORDER BY market');
    expect(rows).toEqual([{ market: 'm1', on_hand: 15 }, { market: 'm2', on_hand: 7 }]);
  });

  async function letters(consumer: string): Promise<string[]> {
    const { rows } = await world.rows.query<{ id: string }>(
      'SELECT event_id AS id FROM events.dead_letter WHERE consumer = $1 ORDER BY event_id', [consumer],
    );
    return rows.map(({ id }) => id);
  }
});
