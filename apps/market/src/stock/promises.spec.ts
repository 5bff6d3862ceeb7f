import type { Action } from '../market/command.ts';
import { orderOf } from '../market/market.ts';
import { BareMarket, body } from '../testing/bare-market.ts';

// Today is 26 November 2026.
const GOOD = '2026-12-20';
const PAST = '2026-11-01';

describe('units that are promised to orders', () => {
  let market: BareMarket;

  beforeEach(() => {
    market = new BareMarket();
    market.stock('milk', 5, GOOD);
    market.adjust('milk', { delta: 5, lot: 'OLD', expiresOn: PAST });
    market.promise('o1', { milk: 4 });
  });

  it.each<[what: string, action: Action, code: string, details: object]>([
    ['written off a lot', adjust({ delta: -5, lot: GOOD, kind: 'written_off' }), 'stock.promised', { good: 5, left: 0, reserved: 4 }],
    ['written off a lot in part', adjust({ delta: -2, lot: GOOD, kind: 'written_off' }), 'stock.promised', { good: 5, left: 3, reserved: 4 }],
    ['adjusted away', adjust({ delta: -3, lot: GOOD }), 'stock.promised', { good: 5, left: 2, reserved: 4 }],
    ['written off by quantity', adjust({ delta: -7, kind: 'written_off' }), 'stock.insufficient', { onHand: 10, reserved: 4 }],
    ['counted away by a change', { kind: 'change', sku: 'milk', change: { quantity: 3 } }, 'stock.insufficient', { onHand: 10, reserved: 4 }],
    ['counted away by a replacement', put({ quantity: 3 }), 'stock.insufficient', { onHand: 10, reserved: 4 }],
  ])('are not %s beside expired ones', (_what, action, code, details) => {
    expect(() => market.do(action)).toThrow(
      expect.objectContaining({ kind: 'rejected', code, details: { sku: 'milk', ...details } }));

    expect(market.do({ kind: 'fulfil', order: { orderId: 'o1' } })).toEqual({ standing: 'fulfilled' });
  });

  it('are not removed by an import, whose other lines are accepted', () => {
    const lines = [{ line: 1, sku: 'milk', ...body('milk'), quantity: 3 }, { line: 2, sku: 'tea', ...body('tea') }];

    expect(market.do({ kind: 'import', lines })).toMatchObject({
      created: 1, rejected: [{ line: 1, sku: 'milk', code: 'stock.insufficient' }],
    });
  });

  it.each<[what: string, action: Action]>([
    ['expired ones are written off', adjust({ delta: -5, lot: 'OLD', kind: 'written_off' })],
    ['the good unit is not promised', adjust({ delta: -1, lot: GOOD })],
    ['it is counted, which removes expired ones first', { kind: 'change', sku: 'milk', change: { quantity: 4 } }],
  ])('stay when %s', (_what, action) => {
    market.do(action);

    expect(market.do({ kind: 'fulfil', order: { orderId: 'o1' } })).toEqual({ standing: 'fulfilled' });
  });

  describe('of a product in one lot', () => {
    beforeEach(() => {
      market.stock('eggs', 5, GOOD);
      market.promise('o2', { eggs: 5 });
    });

    it.each<[way: string, say: (expiresOn: string) => Action]>([
      ['PATCH', (expiresOn) => ({ kind: 'change', sku: 'eggs', change: { expiresOn } })],
      ['PATCH with more', (expiresOn) => ({ kind: 'change', sku: 'eggs', change: { expiresOn, quantity: 9 } })],
      ['PUT', (expiresOn) => ({ kind: 'replace', sku: 'eggs', product: { ...body('eggs'), expiresOn }, ifMatch: 'any' })],
    ])('do not get a past date by %s', (_way, say) => {
      expect(() => market.do(say(PAST))).toThrow(
        expect.objectContaining({ code: 'stock.promised', details: { sku: 'eggs', good: 5, left: 0, reserved: 5 } }));

      market.do(say('2026-11-26'));
      expect(market.do({ kind: 'fulfil', order: { orderId: 'o2' } })).toEqual({ standing: 'fulfilled' });
    });

    it('do not get a past date by an import', () => {
      const lines = [{ line: 1, sku: 'eggs', ...body('eggs'), expiresOn: PAST }];

      expect(market.do({ kind: 'import', lines })).toMatchObject({ updated: 0, rejected: [{ line: 1, code: 'stock.promised' }] });
    });

    it('do not get another date by a delivery into their lot', () => {
      expect(() => market.adjust('eggs', { delta: 1, lot: GOOD, expiresOn: PAST })).toThrow(
        expect.objectContaining({ code: 'stock.lot_dated' }));
      market.adjust('eggs', { delta: 1, expiresOn: PAST });
      expect(market.do({ kind: 'fulfil', order: { orderId: 'o2' } })).toEqual({ standing: 'fulfilled' });
    });
  });

  function adjust(adjustment: { delta: number; lot?: string; kind?: 'written_off' }): Action {
    return { kind: 'adjust', sku: 'milk', adjustment: { reason: 'dropped', ...adjustment } };
  }

  function put(more: object): Action {
    return { kind: 'replace', sku: 'milk', product: { ...body('milk'), ...more }, ifMatch: 'any' };
  }
});

describe('promises that an expired lot covered', () => {
  let market: BareMarket;
  /** Orders that are at risk by the published signals. */
  const atRisk = (): string[] => {
    const marked = new Set<string>();
    for (const { orderIds, atRisk: isAtRisk } of market.signalsOf('PromisesAtRisk')) {
      for (const id of orderIds) if (isAtRisk) marked.add(id); else marked.delete(id);
    }
    return [...marked].sort();
  };

  beforeEach(() => {
    market = new BareMarket();
    market.stock('fish', 6, '2026-11-27');
    market.adjust('fish', { delta: 5, expiresOn: GOOD });
    for (const [order, quantity] of [['first', 4], ['second', 3], ['third', 1]] as const) {
      market.promise(order, { fish: quantity });
      market.pass(0.0001);
    }
  });

  it('are at risk if good units do not cover them, in the order of promises; a later order that fits is not', () => {
    market.age();
    expect(market.signalsOf('PromisesAtRisk')).toEqual([]);
    market.pass(2);

    market.age();

    expect(market.signalsOf('PromisesAtRisk')).toEqual([
      { market: 'm1', sku: 'fish', orderIds: ['second'], atRisk: true, at: new Date(market.nowMs).toISOString() },
    ]);
    expect(market.product('fish')).toMatchObject({ onHand: 8, reserved: 8 });
    for (const orderId of ['first', 'third']) {
      expect(market.do({ kind: 'fulfil', order: { orderId } })).toEqual({ standing: 'fulfilled' });
    }
    expect(() => market.do({ kind: 'fulfil', order: { orderId: 'second' } })).toThrow(
      expect.objectContaining({ code: 'stock.expired' }));
  });

  it('are assessed once per lot, and an expired lot is never published as near expiry', () => {
    market.pass(2);

    market.age();
    const { revision } = market.state;
    market.age();

    expect(market.state.revision).toBe(revision);
    expect(market.signalsOf('LotNearExpiry')).toEqual([]);
  });

  it.each<[what: string, happen: () => unknown, left: string[]]>([
    ['enough good units come', () => market.adjust('fish', { delta: 3, expiresOn: GOOD }), []],
    ['too few good units come', () => market.adjust('fish', { delta: 1, expiresOn: GOOD }), ['second']],
    ['an earlier order is cancelled', () => release('first'), []],
    ['a later order is cancelled', () => release('third'), ['second']],
  ])('are covered again or not when %s', (_what, happen, left) => {
    market.pass(2);
    market.age();

    happen();

    expect(atRisk()).toEqual(left);
  });

  it('move to another order if the one at risk is fulfilled first', () => {
    market.pass(2);
    market.age();

    market.do({ kind: 'fulfil', order: { orderId: 'second' } });

    expect(market.signalsOf('PromisesAtRisk').map(({ orderIds, atRisk: isAtRisk }) => [orderIds, isAtRisk])).toEqual([
      [['second'], true], [['first'], true],
    ]);
    expect(orderOf(market.state, 'second')).not.toHaveProperty('atRisk');
    expect(orderOf(market.state, 'first')).toMatchObject({ atRisk: ['fish'] });
  });

  function release(orderId: string): unknown {
    return market.do({ kind: 'release', order: { orderId, reason: 'cancelled' } });
  }
});
