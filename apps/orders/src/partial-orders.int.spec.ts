import { EVENTS, OrderProtocol, type Order } from '@aisle/contracts';
import { failures } from '@aisle/std';
import { eventually } from '@aisle/std/testing';
import { gbp } from './testing/fake-baskets.ts';
import { OrderCalls } from './testing/order-calls.ts';
import { INVENTORY, MARKETS, expired, reserved, startOrders, type OrdersWorld } from './testing/orders-world.ts';

const PricingFailure = failures('pricing', { rulesForgotten: ['rejected', 'nobody knows the rules of then'] });

describe('an order of which some is missing', () => {
  let world: OrdersWorld;
  const calls = new OrderCalls(() => world);
  let keys = 0;

  beforeAll(async () => {
    world = await startOrders({ ORDER_RETRY_MS: '300', BASKET_ATTEMPT_MS: '100', MARKET_ATTEMPT_MS: '100' });
  });
  afterAll(() => world.stop());
  beforeEach(() => {
    for (const [sku, price] of [['oil', 1_000], ['tv', 49_000], ['cable', 1_000], ['set-a', 400], ['set-b', 400]] as const) {
      world.baskets.prices.set(sku, price);
    }
    world.baskets.revisions.push({
      // A hundred are half the price; delivery is free from 25.00; 100 off 500.
      line: ({ sku, quantity, grossMinor }) => (sku === 'oil' && quantity >= 100 ? -grossMinor / 2 : 0),
      order: (netMinor) => (netMinor >= 50_000 ? -10_000 : netMinor >= 2_500 ? 0 : 399),
    });
  });
  afterEach(() => {
    world.baskets.isDeaf = false;
    world.baskets.refusal = undefined;
  });

  it.each<[what: string, wanted: Record<string, number>, missing: Record<string, number>, total: number]>([
    ['a bulk price that it does not reach', { oil: 100 }, { oil: 99 }, 1_399],
    ['a rebate on a sum that it does not reach', { tv: 1, cable: 5 }, { tv: 1 }, 5_000],
    ['what is free from a sum that it does not reach', { cable: 3 }, { cable: 2 }, 1_399],
    ['a surcharge, whole and not in part', { cable: 2 }, { cable: 1 }, 1_399],
    ['a rebate that it does reach', { tv: 2, cable: 1 }, { cable: 1 }, 88_000],
  ])('is priced as what is delivered: %s', async (_what, wanted, missing, total) => {
    const id = await partial(wanted);

    await calls.reserve(id, linesOf(missing));

    const order = await calls.ended(id, 'CONFIRMED');
    expect(order.total).toEqual(gbp(total));
    expect(order.missing).toEqual(linesOf(missing));
    expectSums(order);
  });

  it('costs no more than it did, though a rule for the whole does not hold for the rest', async () => {
    world.baskets.revisions.push({ order: (netMinor) => (netMinor === 800 ? -450 : 0) });
    const id = await partial({ 'set-a': 1, 'set-b': 1 });

    await calls.reserve(id, linesOf({ 'set-b': 1 }));

    const order = await calls.ended(id, 'CONFIRMED');
    expect(order).toMatchObject({ total: gbp(350), adjustments: [{ code: 'never-above-order', amount: gbp(-50) }] });
    expectSums(order);
  });

  it('is priced by the prices and the rules of its instant, in the same canary', async () => {
    const id = await partial({ oil: 2 }, { canaryKey: 'customer 17' });
    world.baskets.prices.delete('oil');
    world.baskets.revisions.push({ line: ({ grossMinor }) => -grossMinor });

    await calls.reserve(id, linesOf({ oil: 1 }));

    expect(await calls.ended(id, 'CONFIRMED')).toMatchObject({ total: gbp(1_399) });
    expect(world.baskets.asked.at(-1)).toMatchObject({
      type: 'basket.price', actor: id,
      body: {
        lines: [{ sku: 'oil', quantity: 1 }],
        asOf: { pricing: { canaryKey: 'customer 17' }, products: [{ sku: 'oil', name: 'The oil', unitPriceMinor: 1_000 }] },
      },
    });
  });

  it('tells the other apps its final lines and total, once', async () => {
    const id = await partial({ oil: 100, cable: 1 });
    world.market.reserve({ orderId: id });

    await world.tell(INVENTORY, Array(3).fill(reserved(id, linesOf({ oil: 99 }))));

    const order = await calls.ended(id, 'CONFIRMED');
    const [created, confirmed, ...rest] = await calls.toldOf(id);
    expect(rest).toEqual([]);
    expect(EVENTS.OrderCreated.parse(created?.data)).toMatchObject({ total: gbp(51_000 - 10_000) });
    expect(EVENTS.OrderConfirmed.parse(confirmed?.data)).toEqual({
      orderId: id, market: 'm1', lines: order.lines, adjustments: order.adjustments, total: gbp(2_399),
    });
    expect(order.lines).toMatchObject([{ sku: 'oil', quantity: 100, missing: 99, gross: gbp(1_000) }, { sku: 'cable', quantity: 1 }]);
  });

  it('is not final, and keeps no stock for good, until it is priced', async () => {
    const id = await partial({ cable: 3 });
    world.baskets.isDeaf = true;

    await calls.reserve(id, linesOf({ cable: 2 }));

    await eventually(async () => {
      expect(await calls.read(id)).toMatchObject({ status: 'PENDING', total: gbp(3_000), missing: linesOf({ cable: 2 }) });
      expect(world.logs).toContainEqual(expect.objectContaining({ message: 'step not answered', step: 'price', orderId: id }));
    });
    expect(world.market.standings.get(id)).toEqual({ standing: 'reserved' });
    world.baskets.isDeaf = false;

    expect(await calls.ended(id, 'CONFIRMED')).toMatchObject({ total: gbp(1_399) });
    expect((await calls.read(id)).history.map(({ status }) => status)).toEqual(['PENDING', 'RESERVED', 'CONFIRMED']);
  });

  it('is cancelled while nobody prices it', async () => {
    const id = await partial({ cable: 3 });
    world.baskets.isDeaf = true;
    await calls.reserve(id, linesOf({ cable: 2 }));
    await eventually(async () => expect(await calls.read(id)).toMatchObject({ missing: linesOf({ cable: 2 }) }));

    const cancelled = await world.ask(OrderProtocol.cancel, { actor: id });

    expect(cancelled).toMatchObject({ status: 'CANCELLED', total: gbp(3_000) });
    expect(world.market.standings.get(id)).toEqual({ standing: 'released', reason: 'cancelled' });
  });

  it('is REJECTED when its reservation runs out while it can not be priced, which somebody is told', async () => {
    const id = await partial({ cable: 3 });
    world.baskets.refusal = PricingFailure.rulesForgotten();
    await calls.reserve(id, linesOf({ cable: 2 }));
    await eventually(() => expect(world.logs).toContainEqual(
      expect.objectContaining({ level: 'error', message: 'step refused', step: 'price', orderId: id })));

    await world.tell(MARKETS, [expired(id)]);

    expect(await calls.ended(id, 'REJECTED')).toMatchObject({ reason: 'expired', total: gbp(3_000), missing: linesOf({ cable: 2 }) });
  });

  it('holds up no other when the answer about it makes no sense, which is an error to be seen', async () => {
    const [odd, plain] = [await partial({ tv: 2 }), await partial({ cable: 3 })];
    world.baskets.tamper = (price) => (price.lines.some(({ sku }) => sku === 'tv') ? { ...price, lines: [] } : price);
    world.baskets.isDeaf = true;
    await calls.reserve(odd, linesOf({ tv: 1 }));
    await calls.reserve(plain, linesOf({ cable: 2 }));
    for (const id of [odd, plain]) {
      await eventually(() => expect(world.logs).toContainEqual(expect.objectContaining({ message: 'step not answered', orderId: id })));
    }
    world.baskets.isDeaf = false;

    await calls.ended(plain, 'CONFIRMED');

    await eventually(() => expect(world.logs).toContainEqual(
      expect.objectContaining({ level: 'error', message: 'step failed', step: 'price', orderId: odd })));
    expect(await calls.read(odd)).toMatchObject({ status: 'PENDING' });
    world.baskets.tamper = (price) => price;
    await calls.ended(odd, 'CONFIRMED');
  });

  it('is answered under the same key as it was when it was placed', async () => {
    const lines = linesOf({ oil: 100 });
    const first = await calls.create('partial again', lines, { allowPartial: true });
    await calls.reserve(first.order.id, linesOf({ oil: 99 }));
    await calls.ended(first.order.id, 'CONFIRMED');

    const again = await calls.create('partial again', lines, { allowPartial: true });

    expect(again).toEqual({ ...first, replayed: true });
  });

  async function partial(wanted: Record<string, number>, more: { canaryKey?: string } = {}): Promise<string> {
    const { order } = await calls.create(`partial ${(keys += 1)}`, linesOf(wanted), { allowPartial: true, ...more });
    return order.id;
  }
});

function linesOf(units: Record<string, number>): { sku: string; quantity: number }[] {
  return Object.entries(units).map(([sku, quantity]) => ({ sku, quantity }));
}

function expectSums({ lines, adjustments, total, missing = [] }: Order): void {
  const sum = (amounts: readonly { readonly amount: { readonly amount: number } }[]): number =>
    amounts.reduce((all, { amount }) => all + amount.amount, 0);
  const gone = new Map(missing.map(({ sku, quantity }) => [sku, quantity]));
  for (const line of lines) {
    expect(line.missing).toBe(gone.get(line.sku));
    expect(line.gross.amount).toBe(line.unitPrice.amount * (line.quantity - (line.missing ?? 0)));
    expect(line.net.amount).toBe(line.gross.amount + sum(line.adjustments));
    expect(line.total.amount).toBe(line.net.amount + line.share.amount);
  }
  expect(lines.reduce((all, { share }) => all + share.amount, 0)).toBe(sum(adjustments));
  expect(lines.reduce((all, line) => all + line.total.amount, 0)).toBe(total.amount);
}
