import { ShopZone, hoursAt, isWithinHours, type ShopHours } from './index.ts';

const berlin = ShopZone.of('Europe/Berlin');
const ms = (instant: string) => Date.parse(instant);
const SECOND = 1_000;

describe('Monday from 00:00 to 24:00 in Berlin', () => {
  const monday: ShopHours[] = [{ from: '00:00', until: '24:00', daysOfWeek: [1] }];

  it.each<[fact: string, since: string, until: string]>([
    ['after the clock went forward', '2026-03-29T22:00:00Z', '2026-03-30T22:00:00Z'],
    ['before the clock goes forward', '2026-03-22T23:00:00Z', '2026-03-23T23:00:00Z'],
    ['after the clock went back', '2026-10-25T23:00:00Z', '2026-10-26T23:00:00Z'],
    ['before the clock goes back', '2026-10-18T22:00:00Z', '2026-10-19T22:00:00Z'],
  ])('is right to the second %s', (_fact, since, until) => {
    expect([ms(since) - SECOND, ms(since), ms(until) - SECOND, ms(until)].map((at) => hoursAt(berlin, monday, at).isWithin)).toEqual([false, true, true, false]);
    expect(hoursAt(berlin, monday, ms(since))).toEqual({ isWithin: true, untilMs: ms(until) });
    expect(hoursAt(berlin, monday, ms(since) - SECOND).untilMs).toBe(ms(since));
  });

  it('becomes Sunday of 23 or 25 hours on the days of the changes', () => {
    const sunday: ShopHours[] = [{ from: '00:00', until: '24:00', daysOfWeek: [7] }];

    expect(['2026-03-28T23:00:00Z', '2026-10-24T22:00:00Z'].map((since) => (hoursAt(berlin, sunday, ms(since)).untilMs - ms(since)) / 3_600_000)).toEqual([23, 25]);
  });
});

describe('hours of a shop', () => {
  it.each<[fact: string, hours: ShopHours, instant: string, isWithin: boolean, until: string]>([
    ['that go on until the next day belong to their first day', { from: '22:00', until: '02:00', daysOfWeek: [5] }, '2026-12-05T00:30:00Z', true, '2026-12-05T01:00:00Z'],
    ['that go on until the next day end there', { from: '22:00', until: '02:00', daysOfWeek: [5] }, '2026-12-05T01:00:00Z', false, '2026-12-11T21:00:00Z'],
    ['that the clock repeats come twice', { from: '02:15', until: '02:45' }, '2026-10-25T00:15:00Z', true, '2026-10-25T00:45:00Z'],
    ['that the clock repeats pause between', { from: '02:15', until: '02:45' }, '2026-10-25T00:45:00Z', false, '2026-10-25T01:15:00Z'],
    ['that the clock repeats end with the second time', { from: '02:15', until: '02:45' }, '2026-10-25T01:15:00Z', true, '2026-10-25T01:45:00Z'],
    ['that the clock skips do not come that day', { from: '02:15', until: '02:45' }, '2026-03-29T00:30:00Z', false, '2026-03-30T00:15:00Z'],
    ['that the clock cuts end with it', { from: '01:30', until: '02:30' }, '2026-03-29T00:45:00Z', true, '2026-03-29T01:00:00Z'],
    ['that the clock begins late begin late', { from: '02:30', until: '04:00' }, '2026-03-29T00:30:00Z', false, '2026-03-29T01:00:00Z'],
  ])('%s', (_fact, hours, instant, isWithin, until) => {
    const found = hoursAt(berlin, [hours], ms(instant));

    expect([found.isWithin, new Date(found.untilMs).toISOString()]).toEqual([isWithin, new Date(until).toISOString()]);
  });

  it('hold for eight days where they never change', () => {
    const found = hoursAt(berlin, [{ from: '00:00', until: '24:00' }], ms('2026-12-01T12:00:00Z'));

    expect([found.isWithin, new Date(found.untilMs).toISOString()]).toEqual([true, '2026-12-09T23:00:00.000Z']);
  });

  it('join where they meet', () => {
    const joined: ShopHours[] = [{ from: '08:00', until: '12:00' }, { from: '12:00', until: '20:00' }];

    expect(hoursAt(berlin, joined, ms('2026-12-01T08:00:00Z'))).toEqual({ isWithin: true, untilMs: ms('2026-12-01T19:00:00Z') });
  });

  it('change exactly when a clock that is read each minute says so', () => {
    const hours: ShopHours[] = [{ from: '23:10', until: '01:05', daysOfWeek: [6, 7] }, { from: '02:20', until: '03:10' }];
    for (const start of ['2026-03-28T12:00:00Z', '2026-10-24T12:00:00Z']) {
      let untilMs = ms(start);
      for (let at = ms(start); at < ms(start) + 2 * 86_400_000; at += 60_000) {
        if (at >= untilMs) ({ untilMs } = hoursAt(berlin, hours, at));
        const next = isWithinHours(hours, berlin.localAt(at + 60_000)) !== isWithinHours(hours, berlin.localAt(at));
        if (next !== (untilMs === at + 60_000)) expect([new Date(at).toISOString(), next]).toEqual([new Date(untilMs).toISOString(), !next]);
      }
    }
  });
});
