import type { CheckedOut, Money, Operation, PlaceOrder } from '@aisle/contracts';
import type { RecordedRow } from '@aisle/journal';
import { MemoryJournal } from '@aisle/journal/testing';
import type { SampleBasket } from '@aisle/pricing/lifecycle';
import { RemoteFailure, systemRuntime, type FailureKind } from '@aisle/std';
import { BareBaskets, addressed, aheadOf } from '../testing/bare-baskets.ts';
import { Checkouts } from './checkouts.ts';
import { PlacedOrderIds } from './placed-order-ids.ts';
import { UnplacedCheckouts } from './unplaced-checkouts.ts';

describe('Checkouts', () => {
  it('makes an order of the lines at their prices, and leaves an empty basket', async () => {
    const { baskets, orders, checkOut } = shop();
    await baskets.apply('anna', [add('GR1', 3), add('SR1', 1)]);

    const reply = await checkOut('anna', 'c-1');

    expect(JSON.parse(reply.json)).toEqual({
      orderId: reply.orderId,
      market: 'm1',
      basket: 'anna',
      lines: [
        {
          sku: 'GR1', name: 'Green tea', category: 'tea', quantity: 3, unitPrice: gbp(311), gross: gbp(933),
          adjustments: [{
            code: 'buy-n-get-m', amount: gbp(-311), message: 'buy 1, get 1 free: 1 free',
            strategy: 'gr1-buy-one-get-one-free', version: expect.any(String), sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
          }],
          net: gbp(622), share: gbp(0), total: gbp(622),
        },
        {
          sku: 'SR1', name: 'Strawberries', category: 'fruit', quantity: 1, unitPrice: gbp(500), gross: gbp(500),
          adjustments: [], net: gbp(500), share: gbp(0), total: gbp(500),
        },
      ],
      adjustments: [],
      total: gbp(1_122),
      at: expect.any(String),
    });
    expect(reply.version).toBe(2);
    expect(await baskets.state('anna')).toMatchObject({ version: 2, totalMinor: 0, standing: { is: 'open' } });
    expect(await baskets.quantities('anna')).toEqual({});
    expect(orders.taken).toEqual(new Map([[reply.orderId, placedFrom(reply.json)]]));
  });

  it('returns the same order again under the same id, and places it again', async () => {
    const { baskets, orders, checkOut } = shop();
    await baskets.apply('anna', [add('GR1', 1)]);
    const first = await checkOut('anna', 'c-1');
    await baskets.apply('anna', [add('CF1', 1)]);

    const again = await checkOut('anna', 'c-1');

    expect(again).toEqual({ ...first, replayed: true });
    expect(orders.taken.size).toBe(1);
    expect(orders.requests).toBe(2);
    expect(await baskets.quantities('anna')).toEqual({ CF1: 1 });
  });

  it('reports each sale once, with its lines and its canary key', async () => {
    const { baskets, sold, checkOut } = shop();
    await baskets.apply('anna', [add('GR1', 3)]);
    await checkOut('anna', 'c-1');
    await checkOut('anna', 'c-1');
    await baskets.apply('anna', [add('SR1', 1)]);
    await checkOut('anna', 'c-2');

    expect(sold).toEqual([['GR1', 3], ['SR1', 1]].map(([sku, quantity]) => ({
      key: 'anna', coupons: [], items: [{ sku, quantity, unitPriceMinor: expect.any(Number), category: expect.any(String) }],
      context: { market: 'm1', currency: 'GBP', rounding: 'half-up', now: expect.stringMatching(/Z$/) },
    })));
  });

  it('leaves a usable basket, whose new lines make another order', async () => {
    const { baskets, orders, checkOut } = shop();
    await baskets.apply('anna', [add('GR1', 1)]);
    const first = await checkOut('anna', 'c-1');
    const added = await baskets.apply('anna', [add('SR1', 1)]);
    const second = await checkOut('anna', 'c-2');

    expect(added.version).toBe(3);
    expect(second.orderId).not.toBe(first.orderId);
    expect([...orders.taken.values()].map(({ lines }) => lines.map(({ sku }) => sku))).toEqual([['GR1'], ['SR1']]);
  });

  it.each<[what: string, before: Operation[][], code: string, ifMatch: number | undefined]>([
    ['a basket that does not exist', [], 'basket.missing', undefined],
    ['a basket without lines', [[]], 'basket.empty', undefined],
    ['a basket that was emptied', [[add('GR1', 1)], [{ op: 'clear' }]], 'basket.empty', undefined],
    ['another version than in If-Match', [[add('GR1', 1)]], 'basket.version_mismatch', 7],
  ])('refuses %s', async (_what, before, code, ifMatch) => {
    const { baskets, orders, checkOut } = shop();
    for (const operations of before) await baskets.apply('anna', operations);

    await expect(checkOut('anna', 'c-1', ifMatch)).rejects.toMatchObject({ code });

    expect(orders.requests).toBe(0);
  });

  it('orders nothing if the caller expects another total', async () => {
    const { baskets, orders, checkOut } = shop();
    await baskets.apply('anna', [add('GR1', 2)]);

    await expect(checkOut('anna', 'c-1', undefined, gbp(300))).rejects.toMatchObject({
      kind: 'precondition', code: 'basket.total_changed', details: { total: gbp(311) },
    });
    const reply = await checkOut('anna', 'c-2', undefined, gbp(311));

    expect([...orders.taken.keys()]).toEqual([reply.orderId]);
    await expect(checkOut('anna', 'c-2', undefined, gbp(312))).rejects.toMatchObject({ code: 'idempotency.mismatch' });
  });

  it('refuses a second checkout under a new id, when the first took everything', async () => {
    const { baskets, checkOut } = shop();
    await baskets.apply('anna', [add('GR1', 1)]);
    await checkOut('anna', 'c-1');

    await expect(checkOut('anna', 'c-2')).rejects.toMatchObject({ kind: 'rejected', code: 'basket.empty' });
  });

  it('answers only after the app orders has; a retry returns the same order', async () => {
    const { baskets, orders, checkOut } = shop();
    await baskets.apply('anna', [add('GR1', 1)]);
    orders.away = 'unknown';

    await expect(checkOut('anna', 'c-1')).rejects.toMatchObject({ kind: 'unknown' });
    expect(await baskets.quantities('anna')).toEqual({});
    orders.away = undefined;
    const reply = await checkOut('anna', 'c-1');

    expect(reply.replayed).toBe(true);
    expect([...orders.taken.keys()]).toEqual([reply.orderId]);
  });

  it('makes the same order on every server that replays the journal', async () => {
    const { memory, baskets, orders, checkOut } = shop();
    await baskets.apply('anna', [add('GR1', 1)]);
    const first = await checkOut('anna', 'c-1');

    const next = shop({ memory, orders, name: 'node-2' });

    expect(await next.checkOut('anna', 'c-1')).toEqual({ ...first, replayed: true });
    expect(orders.taken.size).toBe(1);
  });
});

describe('UnplacedCheckouts', () => {
  it('places an order whose server died before the app orders answered, in the name of the shopper', async () => {
    const { memory, baskets, orders, checkOut } = shop();
    await baskets.apply('anna', [add('GR1', 2)]);
    orders.away = 'unavailable';
    await expect(checkOut('anna', 'c-1')).rejects.toMatchObject({ kind: 'unavailable' });
    orders.away = undefined;

    const next = shop({ memory, orders, name: 'node-2' });
    await next.unplaced.pass();
    expect(orders.taken.size).toBe(0);
    next.clock.aheadMs = 10_000;
    await next.unplaced.pass();

    expect([...orders.taken.values()]).toMatchObject([{ basket: 'anna', total: gbp(311) }]);
    expect(orders.by).toEqual(['key/till', 'key/till']);
  });

  it('repeats an order until it is answered, and then stops', async () => {
    const { baskets, orders, clock, unplaced, failures, checkOut } = shop();
    await baskets.apply('anna', [add('GR1', 1)]);
    orders.away = 'unavailable';
    await expect(checkOut('anna', 'c-1')).rejects.toMatchObject({ kind: 'unavailable' });
    clock.aheadMs = 10_000;

    await unplaced.pass();
    orders.away = undefined;
    await unplaced.pass();
    const { requests } = orders;
    await unplaced.pass();

    expect(failures).toHaveLength(1);
    expect(orders.taken.size).toBe(1);
    expect(orders.requests).toBe(requests);
  });

  it('skips orders that this server has placed, and rows without a checkout', async () => {
    const { baskets, orders, clock, unplaced, checkOut } = shop();
    await baskets.apply('anna', [add('GR1', 1)]);
    await checkOut('anna', 'c-1');
    await baskets.apply('anna', [add('SR1', 1)]);
    clock.aheadMs = 10_000;

    await unplaced.pass();
    await unplaced.stop();

    expect(orders.requests).toBe(1);
    const [checkpoint] = await baskets.journal.checkpoints('checkouts');
    expect(await baskets.journal.readAfter([{ shard: 7, pos: checkpoint?.pos ?? 0 }], 10)).toEqual([]);
  });

  it('reports an order that is refused for good, and continues', async () => {
    const { memory, baskets, orders, checkOut } = shop();
    for (const basket of ['anna', 'bob']) {
      await baskets.apply(basket, [add('GR1', 1)]);
      orders.away = 'unavailable';
      await expect(checkOut(basket, `c-${basket}`)).rejects.toMatchObject({ kind: 'unavailable' });
    }
    orders.away = undefined;
    orders.refuses = ({ basket }) => basket === 'anna';

    const next = shop({ memory, orders, name: 'node-2' });
    next.clock.aheadMs = 10_000;
    await next.unplaced.pass();

    expect(next.refused).toMatchObject([{ code: 'order.refused' }]);
    expect([...orders.taken.values()].map(({ basket }) => basket)).toEqual(['bob']);
  });

  it('handles no rows except checkouts', async () => {
    const { unplacedOf } = shop();
    const row = { events: Buffer.from('[[2,"expired",1,0]]') } as unknown as RecordedRow;

    expect(await unplacedOf.take(row)).toBe(true);
  });
});

/** A fake of orders that places each id once, and may be unavailable. */
class Orders {
  readonly taken = new Map<string, PlaceOrder>();
  requests = 0;
  /** The principal of each request. */
  readonly by: (string | undefined)[] = [];
  away: FailureKind | undefined;
  refuses: (order: PlaceOrder) => boolean = () => false;

  async place({ orderId, by }: { readonly orderId: string; readonly by?: string | undefined }, order: PlaceOrder) {
    this.requests += 1;
    this.by.push(by);
    if (this.away) throw new RemoteFailure({ kind: this.away, code: 'orders.away', message: 'away', details: {} });
    if (this.refuses(order)) throw new RemoteFailure({ kind: 'invalid', code: 'order.refused', message: 'no', details: {} });
    const known = this.taken.get(orderId);
    expect(known ?? order).toEqual(order);
    this.taken.set(orderId, order);
    return { outcome: known ? 'already-placed' : 'placed' } as const;
  }
}

function shop({ memory = new MemoryJournal(systemRuntime), orders = new Orders(), name = 'node-1' } = {}) {
  const runtime = aheadOf(systemRuntime);
  const baskets = new BareBaskets(memory, name, runtime);
  const { prices } = baskets;
  const placed = new PlacedOrderIds();
  const place = (...request: Parameters<Orders['place']>) => orders.place(...request);
  const sold: SampleBasket[] = [];
  const report = { sold: (basket: SampleBasket) => void sold.push(basket) };
  const checkouts = new Checkouts({ baskets, prices, place, placed, runtime, report });
  const [failures, refused]: [unknown[], unknown[]] = [[], []];
  const unplacedOf = new UnplacedCheckouts({
    place, placed, prices, runtime, onRefused: (_orderId, failure) => void refused.push(failure),
  });
  return {
    memory, baskets, orders, failures, refused, unplacedOf, sold,
    clock: runtime.clock,
    unplaced: baskets.tailFor(unplacedOf, failures),
    checkOut: (basket: string, id: string, ifMatch?: number, total?: Money) =>
      checkouts.checkOut(addressed(basket), {
        id, by: 'key/till', ifMatch, total, deadlineMs: systemRuntime.clock.nowMs() + 5_000, traceparent: '',
      }),
  };
}

function placedFrom(json: string): PlaceOrder {
  const { basket, lines, adjustments, total, at } = JSON.parse(json) as CheckedOut;
  return { basket, opening: 0, lines, adjustments, total, pricing: { at, rules: 1, rounding: 'half-up', canaryKey: basket } };
}

function gbp(amount: number) {
  return { amount, currency: 'GBP' };
}

function add(sku: string, quantity: number): Operation {
  return { op: 'add', sku, quantity };
}
