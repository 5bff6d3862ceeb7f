import { OrderProtocol } from '@aisle/contracts';
import { eventually } from '@aisle/std/testing';
import { OrderCalls } from './testing/order-calls.ts';
import { MARKETS, atRisk, startOrders, type OrdersWorld } from './testing/orders-world.ts';

describe('an order whose promised units have expired', () => {
  let world: OrdersWorld;
  const calls = new OrderCalls(() => world);

  beforeAll(async () => {
    world = await startOrders();
  });
  afterAll(() => world.stop());

  it('shows the risk, is listed, and is logged as a warning', async () => {
    const [one, other] = [await confirmed(), await confirmed()];

    await world.publish(MARKETS, [atRisk('GR1', [one])]);

    await marked(one, true);
    expect(await calls.read(other)).not.toHaveProperty('atRisk');
    expect((await calls.list({ atRisk: true, limit: 200 })).items).toContainEqual(expect.objectContaining({ id: one, atRisk: true }));
    const ids = async (page: object) => (await calls.list({ limit: 200, ...page })).items.map(({ id }) => id);
    expect(await ids({ atRisk: true, market: 'm1', status: 'CONFIRMED' })).not.toContain(other);
    expect(await ids({ atRisk: false })).toContain(other);
    expect(await ids({ atRisk: false })).not.toContain(one);
    expect(world.logs).toContainEqual(expect.objectContaining({ level: 'warn', message: 'order at risk', orderId: one, skus: ['GR1'] }));
  });

  it('is safe again once good units cover all of its products', async () => {
    const id = await confirmed();
    await world.publish(MARKETS, [atRisk('GR1', [id]), atRisk('SR1', [id])]);
    await marked(id, true);

    await world.publish(MARKETS, [atRisk('GR1', [id], false)]);
    const half = await eventually(async () => {
      const { rows } = await world.rows.query<{ at_risk: string[] }>('SELECT at_risk FROM orders WHERE id = $1', [id]);
      expect(rows[0]?.at_risk).toEqual(['SR1']);
      return calls.read(id);
    });
    await world.publish(MARKETS, [atRisk('SR1', [id], false)]);

    expect(half).toHaveProperty('atRisk', true);
    await marked(id, false);
  });

  it.each(['fulfil', 'cancel'] as const)('is not at risk after %s, however late an event comes', async (what) => {
    const id = await confirmed();
    await world.publish(MARKETS, [atRisk('GR1', [id])]);
    await marked(id, true);

    const ended = await world.ask(OrderProtocol[what], { actor: id });
    await world.publish(MARKETS, [atRisk('GR1', [id])]);
    const after = await confirmed();
    await world.publish(MARKETS, [atRisk('GR1', [after])]);
    await marked(after, true);

    expect(ended).not.toHaveProperty('atRisk');
    expect(await calls.read(id)).not.toHaveProperty('atRisk');
  });

  it('has the state of the last event when several come at once', async () => {
    const id = await confirmed();
    const sentinel = await confirmed();

    await world.publish(MARKETS, [atRisk('GR1', [id]), atRisk('GR1', [id], false), atRisk('GR1', [id]), atRisk('GR1', [id], false)]);
    await world.publish(MARKETS, [atRisk('GR1', [sentinel])]);

    await marked(sentinel, true);
    expect(await calls.read(id)).not.toHaveProperty('atRisk');
  });

  it('is decided like any other if the event comes early, and is timed out if no decision comes', async () => {
    const id = await calls.placed();

    await world.publish(MARKETS, [atRisk('GR1', [id])]);

    await marked(id, true);
    const { rows } = await world.rows.query('SELECT 1 FROM orders WHERE id = $1 AND due_at > created_at', [id]);
    expect(rows).toHaveLength(1);
    await calls.confirm(id);
    expect(await calls.read(id)).toHaveProperty('atRisk', true);
  });

  async function confirmed(): Promise<string> {
    const id = await calls.placed();
    await calls.confirm(id);
    return id;
  }

  function marked(id: string, isMarked: boolean): Promise<void> {
    return eventually(async () => expect((await calls.read(id)).atRisk ?? false).toBe(isMarked));
  }
});
