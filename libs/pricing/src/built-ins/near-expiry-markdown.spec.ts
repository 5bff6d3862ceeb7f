import { configured, item, lineBy } from '../testing/shop.ts';
import type { Lot } from '../strategy.ts';

// Today is the 21st of November.
describe('near-expiry-markdown', () => {
  it.each<[fact: string, quantity: number, lots: Lot[] | undefined, net: number]>([
    ['a line without lots keeps its price', 2, undefined, 2000],
    ['a lot that lasts keeps its price', 2, [lot(5, '2026-11-30')], 2000],
    ['a lot within three days is a quarter off', 2, [lot(5, '2026-11-24')], 1500],
    ['a lot within a day is half off', 2, [lot(5, '2026-11-22')], 1000],
    ['a lot of today is half off', 2, [lot(5, '2026-11-21')], 1000],
    ['a lot past its date is no bargain', 2, [lot(5, '2026-11-20')], 2000],
    ['only the units of the lot are marked down', 3, [lot(1, '2026-11-22')], 2500],
    ['lots are taken first expired, first out', 2, [lot(2, '2026-11-30'), lot(1, '2026-11-22')],
      1500],
    ['each lot has its own step', 2, [lot(1, '2026-11-22'), lot(1, '2026-11-24')], 1250],
    ['the nearest lot that suffices is the only one touched', 1,
      [lot(1, '2026-11-22'), lot(1, '2026-11-24')], 500],
  ])('%s', (_fact, quantity, lots, netMinor) => {
    const line = lineBy([markdown()], item(quantity, 1000, { lots }));

    expect(line.netMinor).toBe(netMinor);
    expect(line.skipped).toHaveLength(netMinor === line.grossMinor ? 1 : 0);
  });

  it('rounds once for the whole line', () => {
    const lots = [lot(1, '2026-11-22'), lot(1, '2026-11-24')];

    const line = lineBy([markdown()], item(2, 5, { lots }));

    // 2.5 and 3.75 are 6.25, not 3 and 4.
    expect(line.netMinor).toBe(6);
  });

  it('counts the days of the market, not those of UTC', () => {
    const lots = [lot(1, '2026-11-23')];

    const before = lineBy([markdown()], item(1, 1000, { lots }), on('2026-11-21T23:30:00-05:00'));
    const after = lineBy([markdown()], item(1, 1000, { lots }), on('2026-11-22T00:30:00-05:00'));

    expect([before.netMinor, after.netMinor]).toEqual([750, 500]);
  });
});

function markdown() {
  return configured('near-expiry-markdown@1', {
    steps: [{ withinDays: 3, percent: 25 }, { withinDays: 1, percent: 50 }],
  });
}

function lot(quantity: number, expiresOn: string): Lot {
  return { lot: `L-${expiresOn}`, quantity, expiresOn };
}

function on(now: string) {
  return { now, market: 'm1', currency: 'USD' };
}
