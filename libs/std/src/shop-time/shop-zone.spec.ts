import { ShopZone, addDays, weekdayOf } from './index.ts';

const ms = (instant: string) => Date.parse(instant);
const iso = (at: number) => new Date(at).toISOString();

describe('the clock of a shop', () => {
  it.each<[zone: string, instant: string, local: string, weekday: number]>([
    ['UTC', '2026-12-01T00:00:00Z', '2026-12-01T00:00:00.000+00:00', 2],
    ['Europe/Berlin', '2026-03-29T00:59:59Z', '2026-03-29T01:59:59.000+01:00', 7],
    ['Europe/Berlin', '2026-03-29T01:00:00Z', '2026-03-29T03:00:00.000+02:00', 7],
    ['Europe/Berlin', '2026-10-25T00:59:59.999Z', '2026-10-25T02:59:59.999+02:00', 7],
    ['Europe/Berlin', '2026-10-25T01:00:00Z', '2026-10-25T02:00:00.000+01:00', 7],
    ['America/New_York', '2026-11-01T05:59:59Z', '2026-11-01T01:59:59.000-04:00', 7],
    ['America/New_York', '2026-11-01T06:00:00Z', '2026-11-01T01:00:00.000-05:00', 7],
    ['Asia/Kolkata', '2026-12-01T18:30:00Z', '2026-12-02T00:00:00.000+05:30', 3],
    ['Asia/Kathmandu', '2026-12-01T18:15:00Z', '2026-12-02T00:00:00.000+05:45', 3],
    ['Pacific/Auckland', '2026-11-29T11:00:00Z', '2026-11-30T00:00:00.000+13:00', 1],
    ['Australia/Lord_Howe', '2026-10-03T15:30:00Z', '2026-10-04T02:30:00.000+11:00', 7],
  ])('in %s shows at %s %s', (id, instant, local, weekday) => {
    const zone = ShopZone.of(id);

    expect(zone.isoAt(ms(instant))).toBe(local);
    expect(ms(zone.isoAt(ms(instant)))).toBe(ms(instant));
    expect(zone.localAt(ms(instant))).toMatchObject({ date: local.slice(0, 10), time: local.slice(11, 19), weekday });
  });

  it('is the same for every question about a zone', () => {
    expect(ShopZone.of('Europe/Berlin')).toBe(ShopZone.of('Europe/Berlin'));
  });

  it.each(['Mars/Olympus', '', '+01:00', 'toString'])('of %j is unknown', (id) => {
    expect(() => ShopZone.of(id)).toThrow(expect.objectContaining({ kind: 'invalid', code: 'shop_time.zone' }));
  });

  it('keeps one offset from one change to the next', () => {
    const { sinceMs, untilMs, offsetMs } = ShopZone.of('Europe/Berlin').periodAt(ms('2026-10-25T01:00:00Z'));

    expect([iso(sinceMs), iso(untilMs), offsetMs]).toEqual(['2026-10-25T01:00:00.000Z', '2027-03-28T01:00:00.000Z', 3_600_000]);
    expect(ShopZone.of('UTC').periodAt(0)).toEqual({ sinceMs: -Infinity, untilMs: Infinity, offsetMs: 0 });
  });

  it('agrees with Intl at every hour of a year, and across its changes', () => {
    for (const id of ['Europe/Berlin', 'America/Santiago', 'Africa/Casablanca', 'Australia/Lord_Howe', 'America/Havana']) {
      const zone = ShopZone.of(id);
      const intl = new Intl.DateTimeFormat('sv-SE', { timeZone: id, dateStyle: 'short', timeStyle: 'medium' });
      const start = ms('2026-01-01T00:00:00Z');
      // Seven hours and a minute, so that all times of day are met.
      const wrong = Array.from({ length: 1_250 }, (_, index) => start + index * 25_260_000).filter((at) => {
        const { date, time } = zone.localAt(at);
        return intl.format(at) !== `${date} ${time}`;
      });

      expect(wrong.map(iso)).toEqual([]);
    }
  });
});

describe('a business day', () => {
  it.each<[zone: string, date: string, since: string, hours: number]>([
    ['Europe/Berlin', '2026-03-28', '2026-03-27T23:00:00.000Z', 24],
    ['Europe/Berlin', '2026-03-29', '2026-03-28T23:00:00.000Z', 23],
    ['Europe/Berlin', '2026-10-25', '2026-10-24T22:00:00.000Z', 25],
    ['America/New_York', '2026-03-08', '2026-03-08T05:00:00.000Z', 23],
    ['Australia/Lord_Howe', '2026-10-04', '2026-10-03T13:30:00.000Z', 23.5],
    // The clock skips midnight: the day begins at 01:00.
    ['America/Santiago', '2026-09-06', '2026-09-06T04:00:00.000Z', 23],
    ['America/Santiago', '2026-04-04', '2026-04-04T03:00:00.000Z', 25],
  ])('of %s, %s, begins at %s and has %d hours', (id, date, since, hours) => {
    const zone = ShopZone.of(id);
    const { sinceMs, untilMs } = zone.dayOf(date);

    expect([iso(sinceMs), (untilMs - sinceMs) / 3_600_000]).toEqual([since, hours]);
    expect([sinceMs, untilMs - 1].map((at) => zone.dayAt(at))).toEqual(Array(2).fill({ date, sinceMs, untilMs }));
    expect([sinceMs - 1, untilMs].map((at) => zone.dayAt(at).date)).toEqual([addDays(date, -1), addDays(date, 1)]);
  });
});

describe('a calendar date', () => {
  it('has neighbours and a weekday', () => {
    expect([addDays('2028-02-28', 1), addDays('2026-01-01', -1), addDays('2026-03-29', 30)]).toEqual(['2028-02-29', '2025-12-31', '2026-04-28']);
    expect(['2026-11-30', '2026-12-06'].map(weekdayOf)).toEqual([1, 7]);
  });
});
