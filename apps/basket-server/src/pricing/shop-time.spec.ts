import type { Basket as BasketDocument } from '@aisle/contracts';
import { builtIn, type Scope } from '@aisle/pricing';
import type { BasketAddress } from '../basket/baskets.ts';
import { openShop } from '../testing/live-baskets.ts';

const ANNA: BasketAddress = { tenant: 'default', market: 'm1', basket: 'anna', shard: 7 };
const HOUR_MS = 60 * 60_000;

describe('a rule on the clock of a shop', () => {
  it.each<[rule: string, zone: string, scope: Scope, since: string, until: string]>([
    ['on Sunday, when the clock goes forward', 'Europe/Berlin', { daysOfWeek: [7] }, '2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z'],
    ['on Sunday, when the clock goes back', 'Europe/Berlin', { daysOfWeek: [7] }, '2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z'],
    ['on Monday after it went forward', 'Europe/Berlin', { daysOfWeek: [1] }, '2026-03-29T22:00:00Z', '2026-03-30T22:00:00Z'],
    ['on Monday after it went back', 'Europe/Berlin', { daysOfWeek: [1] }, '2026-10-25T23:00:00Z', '2026-10-26T23:00:00Z'],
    ['on a day by its date', 'Pacific/Auckland', { from: '2026-12-01', until: '2026-12-01' }, '2026-11-30T11:00:00Z', '2026-12-01T11:00:00Z'],
    ['on a day by its date', 'America/Los_Angeles', { from: '2026-12-01', until: '2026-12-01' }, '2026-12-01T08:00:00Z', '2026-12-02T08:00:00Z'],
    ['on Monday in UTC', 'UTC', { daysOfWeek: [1] }, '2026-11-30T00:00:00Z', '2026-12-01T00:00:00Z'],
  ])('%s in %s is in force to the millisecond, in an open basket at its next read', async (_rule, timeZone, scope, since, until) => {
    const [sinceMs, untilMs] = [Date.parse(since), Date.parse(until)];
    let nowMs = sinceMs - 36 * HOUR_MS;
    const shop = await openShop({ clock: { nowMs: () => nowMs, monotonicMs: () => 0 } });
    shop.configure({ timeZone });
    shop.rules([builtIn('percent-off@1', { name: 'half', version: '1', params: { percent: 50 }, scope: { ...scope, skus: ['P0001'], currencies: ['GBP'] } })]);
    const { total: { amount: full } } = documentOf(await shop.change(ANNA, 'c1', [{ op: 'add', sku: 'P0001', quantity: 2 }]));

    // Every hour on the way, so that a price that was confirmed before cannot be shown for too long.
    const seen = new Map<string, boolean[]>();
    for (let at = sinceMs - 30 * HOUR_MS; at <= untilMs + 30 * HOUR_MS; at += HOUR_MS) {
      for (nowMs of [at - 1, at, at + 1_800_000]) {
        const { total } = documentOf(await shop.read(ANNA));
        const isIn = nowMs >= sinceMs && nowMs < untilMs;
        seen.set(String(isIn), [...(seen.get(String(isIn)) ?? []), total.amount === full / 2]);
        if ((total.amount === full / 2) !== isIn) expect([new Date(nowMs).toISOString(), total.amount]).toEqual([new Date(nowMs).toISOString(), isIn ? full / 2 : full]);
      }
    }

    expect([...seen].map(([isIn, halves]) => [isIn, new Set(halves)])).toEqual([['false', new Set([false])], ['true', new Set([true])]]);
  });
});

function documentOf({ json }: { json: string }): BasketDocument {
  return JSON.parse(json) as BasketDocument;
}
