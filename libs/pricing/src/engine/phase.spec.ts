import { by, item, lineBy, strategy } from '../testing/shop.ts';
import type { Meta } from '../strategy.ts';

describe('an exclusive strategy', () => {
  const alone: Partial<Meta> = { name: 'alone', stack: 'exclusive', priority: 5 };

  it('stops its phase, and gives the other rules a reason', () => {
    const line = lineBy(
      [by(-1, { name: 'earlier', priority: 9 }), by(-2, alone), by(-4, { name: 'later' })],
      item(1, 10),
    );

    expect(line.netMinor).toBe(7);
    expect(line.skipped).toEqual([
      { code: 'exclusive', reason: 'alone applies alone', strategy: 'later', version: '1.0.0' },
    ]);
  });

  it('stops nothing when it does not apply', () => {
    const idle = strategy(alone, () => ({ adjustments: [] }));

    expect(lineBy([idle, by(-4, { name: 'later' })], item(1, 10)).netMinor).toBe(6);
  });

  it('does not list rules that are out of scope anyway', () => {
    const elsewhere = by(-4, { name: 'later', scope: { skus: ['SR1'] } });

    expect(lineBy([by(-2, alone), elsewhere], item(1, 10)).skipped).toEqual([]);
  });

  it('protects a price by an adjustment of nothing', () => {
    expect(lineBy([by(0, alone), by(-4, { name: 'later' })], item(1, 10)).netMinor).toBe(10);
  });
});

describe('a best-of group', () => {
  const of = (name: string, more: Partial<Meta> = {}): Partial<Meta> =>
    ({ name, stack: 'best-of', group: 'g', ...more });

  it('keeps its cheapest, and gives the others a reason', () => {
    const line = lineBy([by(-1, of('a')), by(-3, of('b')), by(-2, of('c'))], item(1, 10));

    expect(line.netMinor).toBe(7);
    expect(line.skipped.map(({ strategy: name, code, reason }) => [name, code, reason])).toEqual([
      ['a', 'best-of', 'b is at least as good'],
      ['c', 'best-of', 'b is at least as good'],
    ]);
  });

  it('keeps the first of equals', () => {
    const line = lineBy([by(-3, of('b')), by(-3, of('a'))], item(1, 10));

    expect(line.adjustments.map((adjustment) => adjustment.strategy)).toEqual(['a']);
  });

  it('runs in place of its first member, each member on the same net', () => {
    const line = lineBy([
      by(-1, { name: 'between', priority: 5 }),
      by(-2, of('early', { priority: 9 })),
      half('late', { priority: 1 }),
    ], item(1, 10));

    expect(line.adjustments.map((adjustment) => [adjustment.strategy, adjustment.amountMinor]))
      .toEqual([['late', -5], ['between', -1]]);
  });

  it('counts a member that does not apply as a discount of zero', () => {
    const idle = strategy(of('idle'), () => ({ adjustments: [] }));
    const deposit = by(5, of('deposit', { surcharge: true }));

    expect(lineBy([idle, deposit], item(1, 10)).netMinor).toBe(10);
  });

  it('leaves other groups alone', () => {
    const line = lineBy([by(-1, of('a')), by(-2, of('b', { group: 'h' }))], item(1, 10));

    expect(line.netMinor).toBe(7);
  });

  function half(name: string, more: Partial<Meta>) {
    return strategy(of(name, more), (input) => ({
      adjustments: [{ code: 'half', amountMinor: -input.netMinor / 2, message: 'half' }],
    }));
  }
});

describe('clamping', () => {
  it.each<[fact: string, amounts: number[], net: number, kept: number[]]>([
    ['lets a discount take all', [-10], 0, [-10]],
    ['cuts a discount at zero', [-15], 0, [-10]],
    ['cuts the last of several', [-8, -8], 0, [-8, -2]],
    ['leaves out what has nothing left to take', [-12, -5], 0, [-10]],
    ['counts what is given back', [-12, 3], 1, [-12, 3]],
    ['cuts discounts, not what is given back', [-20, 5], 0, [-15, 5]],
  ])('%s', (_fact, amounts, netMinor, kept) => {
    const line = lineBy([answering(amounts)], item(1, 10));

    expect(line.netMinor).toBe(netMinor);
    expect(line.adjustments.map(({ amountMinor }) => amountMinor)).toEqual(kept);
    expect(line.degraded).toBe(false);
  });

  it('lists rules that had nothing left to take off', () => {
    const line = lineBy([by(-10, { name: 'a' }), by(-1, { name: 'b' })], item(1, 10));

    expect(line.skipped).toEqual([{
      code: 'already-free', reason: 'nothing is left to take off', strategy: 'b', version: '1.0.0',
    }]);
  });

  function answering(amounts: readonly number[]) {
    return strategy({}, () => ({
      adjustments: amounts.map((amountMinor) => ({ code: 'x', amountMinor, message: 'x' })),
    }));
  }
});

describe('a surcharge', () => {
  it('raises a price if its meta permits it', () => {
    expect(lineBy([by(25, { surcharge: true })], item(1, 10)).netMinor).toBe(35);
  });

  it('is a fault if its meta does not permit it', () => {
    expect(lineBy([by(25)], item(1, 10))).toMatchObject({ netMinor: 10, degraded: true });
  });

  it('leaves room for discounts after it', () => {
    const deposit = by(25, { name: 'deposit', surcharge: true, priority: 1 });

    expect(lineBy([deposit, by(-5)], item(1, 10))).toMatchObject({ netMinor: 30, degraded: false });
  });
});
