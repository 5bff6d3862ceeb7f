import { ShopZone } from '@aisle/std/shop-time';
import fc from 'fast-check';
import { datedPrice, priceAt, type PriceRow } from './dated-price.ts';

const berlin = ShopZone.of('Europe/Berlin');
const own = 'm1';
const row = (priceMinor: number, from: string, until?: string, list = own): PriceRow => ({ list, priceMinor, from, until });
const rowsOf = (rows: readonly PriceRow[], zone = berlin) => rows.map((each) => datedPrice(each, zone));

describe('the price of a list with overlapping rows', () => {
  const rows = rowsOf([row(35, '2026-01-01', '2027-01-01'), row(25, '2026-02-01', '2026-08-01'), row(30, '2026-01-01', '2026-10-01')]);

  it.each<[day: string, price: number | undefined]>([
    ['2026-12-02', 35], ['2026-01-03', 30], ['2026-05-16', 25], ['2025-12-31', undefined], ['2027-01-01', undefined], ['2026-08-01', 30], ['2026-10-01', 35],
  ])('is on %s %s', (day, price) => {
    expect(priceAt(rows, [own], berlin.momentMs(day)).price?.priceMinor).toBe(price);
  });

  it('says the instant of the next change', () => {
    expect(['2025-06-01', '2026-01-01', '2026-02-01', '2026-12-31', '2027-01-01'].map((day) => priceAt(rows, [own], berlin.momentMs(day)).untilMs))
      .toEqual([...['2026-01-01', '2026-02-01', '2026-08-01', '2027-01-01'].map((day) => berlin.momentMs(day)), Infinity]);
  });
});

describe('the price of several lists', () => {
  const rows = rowsOf([
    row(100, '2026-01-01', undefined, 'chain'), row(80, '2026-06-01', '2026-07-01', 'chain'), row(110, '2026-01-01', '2026-12-01', 'zone-north'),
    row(120, '2026-05-01', '2026-05-08'), row(1, '2026-01-01', undefined, 'elsewhere'),
  ]);
  const lists = [own, 'zone-north', 'chain'];

  it.each<[day: string, price: number | undefined, list: string | undefined]>([
    ['2026-05-02', 120, own], ['2026-05-08', 110, 'zone-north'], ['2026-06-15', 110, 'zone-north'], ['2026-12-01', 100, 'chain'], ['2025-01-01', undefined, undefined],
  ])('is on %s %s, from the nearest list that has one: %s', (day, priceMinor, list) => {
    expect(priceAt(rows, lists, berlin.momentMs(day)).price).toEqual(priceMinor === undefined ? undefined : expect.objectContaining({ priceMinor, list }));
  });
});

describe('a dated price', () => {
  it('is in force from its local time on, to the second', () => {
    const rows = rowsOf([row(100, '2026-01-01'), row(90, '2026-10-25T06:00')]);
    const at = Date.parse('2026-10-25T05:00:00Z');

    expect([at - 1, at].map((ms) => priceAt(rows, [own], ms).price?.priceMinor)).toEqual([100, 90]);
  });

  it('begins in each zone with its own day', () => {
    const begins = ['Pacific/Auckland', 'Europe/Berlin', 'America/Los_Angeles'].map((id) => datedPrice(row(1, '2026-12-01'), ShopZone.of(id)).fromMs);

    expect(begins.map((ms) => new Date(ms).toISOString())).toEqual(['2026-11-30T11:00:00.000Z', '2026-11-30T23:00:00.000Z', '2026-12-01T08:00:00.000Z']);
  });

  it('of equal amount is the row that began last', () => {
    const rows = rowsOf([row(90, '2026-01-01'), { ...row(90, '2026-02-01'), reduction: true }]);

    expect(priceAt(rows, [own], berlin.momentMs('2026-02-01')).price?.reduction).toBe(true);
    expect(priceAt(rows.toReversed(), [own], berlin.momentMs('2026-02-01')).price?.reduction).toBe(true);
  });

  it.each([['2026-02-01', '2026-02-01'], ['2026-02-01', '2026-01-01'], ['2026-02-01T00:00', '2026-02-01']])('from %s until %s is refused', (from, until) => {
    expect(() => datedPrice(row(1, from, until), berlin)).toThrow(expect.objectContaining({ code: 'pricing.input', details: expect.objectContaining({ field: 'until' }) }));
  });

  it('stays the same until the said instant, and is found whatever the order of rows', () => {
    const rows = fc.array(fc.record({
      list: fc.constantFrom(own, 'zone', 'chain', 'elsewhere'), priceMinor: fc.integer({ min: 1, max: 5 }), fromMs: fc.integer({ min: 0, max: 30 }),
      lengthMs: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.constant(Infinity)), reduction: fc.boolean(),
    }).map(({ lengthMs, ...each }) => ({ ...each, untilMs: each.fromMs + lengthMs })), { maxLength: 8 });
    fc.assert(fc.property(rows, fc.integer({ min: -1, max: 60 }), (given, ms) => {
      const lists = [own, 'zone', 'chain'];
      const { price, untilMs } = priceAt(given, lists, ms);

      const inForce = lists.map((list) => given.filter((each) => each.list === list && each.fromMs <= ms && ms < each.untilMs)).find((found) => found.length > 0);
      expect(price?.priceMinor).toBe(inForce && Math.min(...inForce.map(({ priceMinor }) => priceMinor)));
      expect(priceAt(given.toReversed(), lists, ms).price).toEqual(price);
      expect(untilMs).toBeGreaterThan(ms);
      for (let later = ms; later < Math.min(untilMs, 70); later += 1) expect(priceAt(given, lists, later).price).toEqual(price);
    }));
  });
});
