import { ShopZone } from '@aisle/std/shop-time';
import fc from 'fast-check';
import { PRIOR_DAYS, priorPrice, recordPrice, type PriceRecord } from './prior-price.ts';

const berlin = ShopZone.of('Europe/Berlin');
const at = (moment: string) => berlin.momentMs(moment);
const history = (...entries: [moment: string, priceMinor: number | null, reduction?: 'reduced'][]): PriceRecord[] =>
  entries.map(([moment, priceMinor, reduction]) => ({ atMs: at(moment), priceMinor, reduction: reduction !== undefined }));

describe('the prior price of a reduction', () => {
  it.each<[fact: string, records: PriceRecord[], now: string, prior: number | undefined]>([
    ['is the price before it', history(['2026-01-01', 100], ['2026-06-01', 80, 'reduced']), '2026-06-10', 100],
    ['is the lowest of the 30 days before it', history(['2026-01-01', 100], ['2026-05-10', 90], ['2026-05-12', 110], ['2026-06-01', 80, 'reduced']), '2026-06-10', 90],
    ['counts the 30th day before it', history(['2026-01-01', 70], ['2026-05-03', 100], ['2026-06-01', 80, 'reduced']), '2026-06-01', 70],
    ['does not count the 31st day before it', history(['2026-01-01', 70], ['2026-05-02', 100], ['2026-06-01', 80, 'reduced']), '2026-06-01', 100],
    ['counts an earlier reduction in these days', history(['2026-01-01', 100], ['2026-05-10', 60, 'reduced'], ['2026-05-12', 100], ['2026-06-01', 80, 'reduced']), '2026-06-10', 60],
    ['stays while the reduction grows', history(['2026-01-01', 100], ['2026-06-01', 80, 'reduced'], ['2026-06-20', 60, 'reduced'], ['2026-07-25', 50, 'reduced']), '2026-08-01', 100],
    ['stays however long the reduction lasts', history(['2026-01-01', 100], ['2026-06-01', 80, 'reduced']), '2026-12-01', 100],
    ['begins anew when a reduced price rises', history(['2026-01-01', 100], ['2026-06-01', 60, 'reduced'], ['2026-06-20', 80, 'reduced']), '2026-06-21', 60],
    ['begins anew after an interruption', history(['2026-01-01', 100], ['2026-06-01', 80, 'reduced'], ['2026-06-10', 100], ['2026-06-11', 80, 'reduced']), '2026-06-12', 80],
    ['begins anew after a pause of the sale', history(['2026-01-01', 100], ['2026-05-01', 80, 'reduced'], ['2026-05-10', null], ['2026-06-20', 80, 'reduced']), '2026-06-21', undefined],
    ['of younger goods counts since their introduction', history(['2026-05-25', 100], ['2026-05-28', 95], ['2026-06-01', 80, 'reduced']), '2026-06-10', 95],
    ['of goods introduced that day counts its hours', history(['2026-06-01T08:00', 100], ['2026-06-01T12:00', 80, 'reduced']), '2026-06-01T13:00', 100],
    ['ignores prices of the first day', history(['2026-01-01', 100], ['2026-06-01T08:00', 70], ['2026-06-01T12:00', 60, 'reduced']), '2026-06-01T13:00', 100],
    ['is unknown for goods that were never dearer', history(['2026-06-01', 80, 'reduced']), '2026-06-10', undefined],
    ['is unknown without a reduction', history(['2026-01-01', 100], ['2026-06-01', 80]), '2026-06-10', undefined],
    ['is unknown after the reduction', history(['2026-01-01', 100], ['2026-06-01', 80, 'reduced'], ['2026-06-10', 100]), '2026-06-10', undefined],
    ['is unknown before the first record', history(['2026-01-01', 100]), '2025-01-01', undefined],
    ['is of the instant that is asked for', history(['2026-01-01', 100], ['2026-06-01', 80, 'reduced'], ['2026-07-01', 90], ['2026-08-01', 70, 'reduced']), '2026-06-10', 100],
    ['counts days of 25 and 23 hours', history(['2026-01-01', 70], ['2026-10-02T00:00', 100], ['2026-11-01', 80, 'reduced']), '2026-11-01', 100],
  ])('%s', (_fact, records, now, prior) => {
    expect(priorPrice(records, at(now), berlin)).toBe(prior);
  });

  it('equals a count of each hour over random histories', () => {
    const HOUR = 3_600_000;
    const start = at('2026-09-01');
    const record = fc.record({
      hours: fc.integer({ min: 1, max: 600 }), priceMinor: fc.oneof({ weight: 8, arbitrary: fc.integer({ min: 1, max: 20 }) }, { weight: 1, arbitrary: fc.constant(null) }),
      reduction: fc.boolean(),
    });
    fc.assert(fc.property(fc.array(record, { minLength: 1, maxLength: 8 }), fc.integer({ min: 0, max: 3_000 }), (parts, hour) => {
      let atMs = start;
      let records: readonly PriceRecord[] = [];
      for (const { hours, ...part } of parts) {
        records = recordPrice(records, { atMs, ...part });
        atMs += hours * HOUR;
      }
      const nowMs = start + hour * HOUR;

      expect(priorPrice(records, nowMs, berlin)).toBe(bruteForce(records, nowMs, HOUR, start));
    }), { numRuns: 300 });
  });

  /** Reads the price of each hour: back to the beginning of the reduction, and then through the days before it. */
  function bruteForce(records: readonly PriceRecord[], nowMs: number, stepMs: number, start: number): number | undefined {
    const read = (ms: number) => records.findLast((record) => record.atMs <= ms);
    const isReduced = (ms: number) => read(ms)?.reduction === true && read(ms)?.priceMinor !== null;
    if (!isReduced(nowMs)) return undefined;
    let begun = nowMs;
    while (begun - stepMs >= start && isReduced(begun - stepMs) && read(begun - stepMs)!.priceMinor! >= read(begun)!.priceMinor!) begun -= stepMs;
    const first = berlin.localAt(begun).date;
    const days = (ms: number) => (Date.parse(first) - Date.parse(berlin.localAt(ms).date)) / 86_400_000;
    const before: number[] = [];
    const sameDay: number[] = [];
    for (let ms = begun - stepMs; ms >= start && days(ms) <= PRIOR_DAYS; ms -= stepMs) {
      const price = read(ms)?.priceMinor;
      if (price != null) (days(ms) === 0 ? sameDay : before).push(price);
    }
    const counted = before.length > 0 ? before : sameDay;
    return counted.length > 0 ? Math.min(...counted) : undefined;
  }
});

describe('a price history', () => {
  it('only grows', () => {
    const records = history(['2026-01-01', 100]);

    expect(recordPrice(records, { atMs: at('2026-02-01'), priceMinor: 100, reduction: false })).toBe(records);
    expect(recordPrice(records, { atMs: at('2026-02-01'), priceMinor: 90, reduction: false })).toHaveLength(2);
    expect(() => recordPrice(records, { atMs: at('2025-12-31'), priceMinor: 90, reduction: false })).toThrow(expect.objectContaining({ code: 'pricing.input' }));
  });

  it('counts the later of two records of one instant', () => {
    const records = history(['2026-01-01', 100], ['2026-05-20', 10], ['2026-05-20', 90], ['2026-06-01', 80, 'reduced']);

    expect(priorPrice(records, at('2026-06-02'), berlin)).toBe(90);
  });

  it('is not interrupted by a record that was never in force', () => {
    const records = history(['2026-01-01', 100], ['2026-06-01', 80, 'reduced'], ['2026-06-10', 100], ['2026-06-10', 70, 'reduced']);

    expect(priorPrice(records, at('2026-06-11'), berlin)).toBe(100);
  });
});
