import type { BasketJournal, DocumentReply, Basket as BasketDocument, Operation } from '@aisle/contracts';
import { MemoryJournal } from '@aisle/journal/testing';
import { builtIn, type ActiveStrategy, type Meta } from '@aisle/pricing';
import { systemRuntime } from '@aisle/std';
import { openShop as open, type Shop } from '../testing/live-baskets.ts';
import type { BasketAddress } from './baskets.ts';

const ANNA: BasketAddress = { tenant: 'default', market: 'm1', basket: 'anna', shard: 7 };

describe('a basket whose prices change', () => {
  const rise = (shop: Shop, sku: string, toMinor: number): void =>
    shop.sells({ sku, name: sku, unitPriceMinor: toMinor });

  it('is shown at the new prices with a notice, and records the shown prices', async () => {
    const shop = await open();
    await shop.change(ANNA, 'c1', [add('GR1', 1), add('SR1', 1)]);

    rise(shop, 'SR1', 550);

    const read = documentOf(await shop.read(ANNA));
    expect(read).toMatchObject({
      version: 2,
      lines: [{ sku: 'GR1', unitPrice: { amount: 311 } }, { sku: 'SR1', unitPrice: { amount: 550 }, net: { amount: 550 } }],
      notices: [{ code: 'priceChanged', sku: 'SR1', from: gbp(500), to: gbp(550) }],
      total: gbp(861),
    });
    expect(documentOf(await shop.read(ANNA))).toEqual(read);
    expect((await shop.state(ANNA)).totalMinor).toBe(861);
    const { items } = JSON.parse((await shop.journal(ANNA)).json) as BasketJournal;
    expect(items.map(({ type }) => type)).toEqual(['changed', 'repriced']);
  });

  it('is not changed by a read if newer prices give the same total', async () => {
    const shop = await open();
    const first = await shop.change(ANNA, 'c1', [add('GR1', 1)]);

    rise(shop, 'SR1', 550);

    expect(documentOf(await shop.read(ANNA))).toEqual(documentOf(first));
  });

  it('is repriced as a whole by the next change, whose answer has the notice; the answer after it has none', async () => {
    const shop = await open();
    await shop.change(ANNA, 'c1', [add('GR1', 1), add('SR1', 1)]);
    rise(shop, 'SR1', 550);

    const change = await shop.change(ANNA, 'c2', [add('CF1', 1)], 1);
    const read = await shop.read(ANNA);
    const next = await shop.change(ANNA, 'c3', [add('CF1', 1)], 2);

    const notices = [{ code: 'priceChanged', sku: 'SR1', from: gbp(500), to: gbp(550) }];
    expect(documentOf(change)).toMatchObject({ version: 2, notices, total: gbp(311 + 550 + 1_123) });
    expect(documentOf(read)).toEqual(documentOf(change));
    expect(documentOf(next)).toMatchObject({ notices: [], total: gbp(311 + 550 + 2 * 1_123) });
  });

  it('combines two changes of one price into one notice, and a change that was reverted into none', async () => {
    const shop = await open();
    await shop.change(ANNA, 'c1', [add('SR1', 1)]);
    rise(shop, 'SR1', 550);
    await shop.change(ANNA, 'c2', [add('GR1', 1)]);

    rise(shop, 'SR1', 600);
    expect(documentOf(await shop.read(ANNA)).notices).toEqual([{ code: 'priceChanged', sku: 'SR1', from: gbp(500), to: gbp(600) }]);
    rise(shop, 'SR1', 500);
    expect(documentOf(await shop.read(ANNA)).notices).toEqual([]);
  });

  it('gives a retry its first answer, prices and notices included', async () => {
    const shop = await open();
    await shop.change(ANNA, 'c1', [add('SR1', 1)]);
    rise(shop, 'SR1', 550);
    const first = await shop.change(ANNA, 'c2', [add('GR1', 1)]);
    rise(shop, 'SR1', 600);

    expect(await shop.change(ANNA, 'c2', [add('GR1', 1)])).toEqual({ ...first, replayed: true });
  });

  it('is checked out at the prices in force', async () => {
    const shop = await open();
    await shop.change(ANNA, 'c1', [add('GR1', 2), add('SR1', 1)]);
    rise(shop, 'SR1', 550);

    const { order } = await shop.checkOut(ANNA, 'c2', { ifMatch: 1 });

    expect(order).toMatchObject({ totalMinor: 311 + 550, lines: [{ sku: 'GR1', netMinor: 311 }, { sku: 'SR1', netMinor: 550 }] });
    expect(documentOf(await shop.read(ANNA))).toMatchObject({ version: 2, lines: [], notices: [], total: gbp(0) });
    const { items } = JSON.parse((await shop.journal(ANNA)).json) as BasketJournal;
    expect(items[1]).toMatchObject({
      type: 'checkedOut', orderId: order?.orderId, total: gbp(861), removed: [],
      lines: [{ sku: 'GR1', quantity: 2 }, { sku: 'SR1', unitPrice: gbp(550) }],
    });
  });

  it('keeps its prices on a server with older rules, which shows it and refuses changes', async () => {
    const memory = new MemoryJournal(systemRuntime);
    const [ahead, behind] = [await open({ memory, incarnation: 'node-1' }), await open({ memory, incarnation: 'node-2' })];
    rise(ahead, 'SR1', 550);
    await ahead.change(ANNA, 'c1', [add('SR1', 1)]);

    expect(documentOf(await behind.read(ANNA))).toMatchObject({ total: gbp(550), notices: [] });
    await expect(behind.change(ANNA, 'c2', [add('GR1', 1)])).rejects.toMatchObject({ kind: 'unavailable', code: 'pricing.behind' });

    rise(behind, 'SR1', 550);
    expect(await behind.change(ANNA, 'c2', [add('GR1', 1)])).toMatchObject({ version: 2 });
  });
});

describe('a basket whose rules change', () => {
  const off = (offMinor: number, meta: Partial<Pick<Meta, 'version' | 'scope'>> = {}): ActiveStrategy =>
    builtIn('fixed-off@1', {
      name: 'tea-week', version: '1', scope: { skus: ['SR1'], currencies: ['GBP'] }, params: { amountMinor: offMinor }, ...meta,
    });
  const ruleNotice = (fromMinor: number, toMinor: number) => ({
    code: 'ruleChanged', strategy: 'tea-week', from: gbp(fromMinor), to: gbp(toMinor), message: expect.any(String) as string,
  });

  it('has notices of a rule that begins, changes its amount, and ends', async () => {
    const shop = await open();
    await shop.change(ANNA, 'c1', [add('SR1', 1)]);
    const notices = async () => documentOf(await shop.read(ANNA)).notices;

    shop.rules([off(20)]);
    expect(await notices()).toEqual([ruleNotice(0, -20)]);
    await shop.change(ANNA, 'c2', [add('GR1', 1)]);
    await shop.change(ANNA, 'c3', [add('GR1', 1)]);
    shop.rules([off(30, { version: '2' })]);
    expect(await notices()).toEqual([ruleNotice(-20, -30)]);
    shop.rules([]);
    expect(await notices()).toEqual([ruleNotice(-20, 0)]);
  });

  it('has the notice in the answer of the change that finds it, whatever that change does', async () => {
    const shop = await open();
    shop.rules([off(20)]);
    await shop.change(ANNA, 'c1', [add('SR1', 1)]);

    shop.rules([]);
    const change = documentOf(await shop.change(ANNA, 'c2', [add('SR1', 5)], 1));

    expect(change).toMatchObject({ version: 2, notices: [ruleNotice(-20, 0)], total: gbp(6 * 450) });
  });

  it.each<[what: string, meta: Pick<Meta, 'scope'>]>([
    ['an instant', { scope: { skus: ['SR1'], until: '2026-11-21T12:00:00Z' } }],
    ['a day', { scope: { skus: ['SR1'], until: '2026-11-21' } }],
    ['a weekday', { scope: { skus: ['SR1'], daysOfWeek: [6] } }],
  ])('is charged without a rule from the end of its period on: %s', async (_what, meta) => {
    const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs };
    let nowMs = Date.parse('2026-11-21T11:00:00Z');
    const shop = await open({ clock });
    shop.rules([off(20, meta)]);
    const before = documentOf(await shop.change(ANNA, 'c1', [add('SR1', 1)]));
    expect(before.total).toEqual(gbp(480));

    nowMs = Date.parse('2026-11-22T00:00:00Z');
    await expect(shop.checkOut(ANNA, 'c2', { total: gbp(480) })).rejects.toMatchObject({
      code: 'basket.total_changed', details: { total: gbp(500) },
    });
    const after = documentOf(await shop.read(ANNA));
    const { order } = await shop.checkOut(ANNA, 'c3', { total: after.total });

    expect(after).toMatchObject({ total: gbp(500), notices: [ruleNotice(-20, 0)] });
    expect(order).toMatchObject({ totalMinor: 500 });
  });
});

describe('a basket with a rule that fails', () => {
  it.each(['line', 'basket'] as const)('is degraded while it costs more, and tries the %s rule again at the next change', async (kind) => {
    const shop = await open();
    const rule = moodyRule(kind);
    shop.rules([rule]);
    rule.fails = true;

    const failed = documentOf(await shop.change(ANNA, 'c1', [add('SR1', 1)]));
    expect(failed).toMatchObject({ degraded: true, total: gbp(500) });
    expect(failed.skipped).toContainEqual(expect.objectContaining({ code: 'failed', strategy: 'moody' }));
    expect(documentOf(await shop.read(ANNA))).toEqual(failed);

    rule.fails = false;
    const mended = documentOf(await shop.change(ANNA, 'c2', [add('GR1', 1)]));

    expect(mended).not.toHaveProperty('degraded');
    expect(mended).toMatchObject({ total: gbp(499 + 311) });
  });
});

/** A rule that takes a penny off strawberries, or fails. */
function moodyRule(kind: 'line' | 'basket') {
  return {
    fails: false,
    sha256: '0'.repeat(64),
    meta: {
      contract: 1 as const, name: 'moody', version: '1', kind, title: 'Moody', scope: { skus: ['SR1'] }, priority: 0,
      stack: 'stack' as const, tests: [],
    },
    price() {
      if (this.fails) throw new Error('not today');
      return { adjustments: [{ code: 'moody', amountMinor: -1, message: 'a penny off' }] };
    },
  };
}

describe('a basket with a product that is no longer sold', () => {
  const unavailable = { code: 'productUnavailable', sku: 'SR1' };

  it('keeps the line at its last price, and has a notice as long as the line exists', async () => {
    const shop = await open();
    await shop.change(ANNA, 'c1', [add('SR1', 2), add('GR1', 1)]);

    shop.stopsSelling('SR1');
    const read = documentOf(await shop.read(ANNA));
    const changes = [await shop.change(ANNA, 'c2', [add('GR1', 1)]), await shop.change(ANNA, 'c3', [add('GR1', 1)])];

    expect(read).toMatchObject({ version: 2, notices: [unavailable], total: gbp(1_311) });
    for (const change of changes) {
      expect(documentOf(change)).toMatchObject({ notices: [unavailable], lines: [{ sku: 'SR1', unitPrice: gbp(500) }, {}] });
    }
    const without = await shop.change(ANNA, 'c4', [{ op: 'remove', sku: 'SR1' }]);
    expect(documentOf(without).notices).toEqual([]);
  });

  it.each<[what: string, operation: Operation]>([
    ['more of it', add('SR1', 1)],
    ['a larger quantity', { op: 'set', sku: 'SR1', quantity: 3 }],
  ])('accepts no %s, but fewer', async (_what, operation) => {
    const shop = await open();
    await shop.change(ANNA, 'c1', [add('SR1', 2)]);
    shop.stopsSelling('SR1');

    await expect(shop.change(ANNA, 'c2', [operation])).rejects.toMatchObject({ kind: 'rejected', code: 'product.unknown' });

    const less = await shop.change(ANNA, 'c3', [{ op: 'set', sku: 'SR1', quantity: 1 }]);
    expect(documentOf(less)).toMatchObject({ total: gbp(500), notices: [unavailable] });
  });

  it('can be checked out only without it', async () => {
    const shop = await open();
    await shop.change(ANNA, 'c1', [add('SR1', 2), add('GR1', 1)]);
    shop.stopsSelling('SR1');

    await expect(shop.checkOut(ANNA, 'c2')).rejects.toMatchObject({
      kind: 'rejected', code: 'basket.products_unavailable', details: { skus: ['SR1'] },
    });

    await shop.change(ANNA, 'c3', [{ op: 'remove', sku: 'SR1' }]);
    expect(await shop.checkOut(ANNA, 'c4')).toMatchObject({ order: { totalMinor: 311 } });
  });

  it('has it at the present price once it is sold again', async () => {
    const shop = await open();
    await shop.change(ANNA, 'c1', [add('SR1', 2)]);
    shop.stopsSelling('SR1');
    await shop.change(ANNA, 'c2', [add('GR1', 1)]);

    shop.sells({ sku: 'SR1', name: 'Strawberries', unitPriceMinor: 450 });

    expect(documentOf(await shop.change(ANNA, 'c3', [add('SR1', 1)]))).toMatchObject({
      lines: [{ sku: 'SR1', quantity: 3, unitPrice: gbp(450) }, {}],
      notices: [{ code: 'priceChanged', sku: 'SR1', from: gbp(500), to: gbp(450) }],
    });
  });

  it('is restored with it by the journal', async () => {
    const memory = new MemoryJournal(systemRuntime);
    const shop = await open({ memory, incarnation: 'node-1' });
    await shop.change(ANNA, 'c1', [add('SR1', 2)]);
    shop.stopsSelling('SR1');
    const last = await shop.change(ANNA, 'c2', [add('GR1', 1)]);

    const next = await open({ memory, incarnation: 'node-2' });

    expect(documentOf(await next.read(ANNA))).toEqual(documentOf(last));
  });
});

function add(sku: string, quantity: number): Operation {
  return { op: 'add', sku, quantity };
}

function gbp(amount: number) {
  return { amount, currency: 'GBP' };
}

function documentOf({ json }: DocumentReply): BasketDocument {
  return JSON.parse(json) as BasketDocument;
}
