import { at, by, configured, item, strategy } from '../testing/shop.ts';
import { priceLine } from './line.ts';
import { createRuleSet } from './rule-set.ts';
import type { ActiveStrategy, Ctx, Meta, Rounding } from '../strategy.ts';
import type { BuiltInName } from '../built-ins/built-in.ts';
import type { Params } from '../testing/shop.ts';

describe('createRuleSet', () => {
  it('orders strategies by priority, then by name', () => {
    const rules = createRuleSet(7, [
      by(-1, { name: 'b' }), by(-1, { name: 'c', priority: 1 }), by(-1, { name: 'a' }),
    ]);

    expect(rules.strategies.map(({ meta }) => meta.name)).toEqual(['c', 'a', 'b']);
    expect(rules.revision).toBe(7);
  });

  it.each<[field: keyof Meta, value: unknown, problem: string]>([
    ['contract', 2, 'contract: expected 1'],
    ['name', 'a rule', 'name: expected a name of letters, digits, dots and dashes, at most 64'],
    ['version', '', 'version: expected a version such as 1.0.0'],
    ['kind', 'order', 'kind: expected line or basket'],
    ['title', '', 'title: expected a text of 1 to 200 characters'],
    ['priority', NaN, 'priority: expected a finite number'],
    ['stack', 'pile', 'stack: expected stack, exclusive, best-of'],
    ['stack', 'best-of', 'group: expected the name of its best-of group'],
    ['group', 'tea', 'group: expected no group unless stack is best-of'],
    ['surcharge', 'yes', 'surcharge: expected true or false'],
    ['needsTime', 1, 'needsTime: expected true, false or second'],
    ['tests', undefined, 'tests: expected a list'],
    ['scope', undefined, 'scope: expected an object'],
    ['scope', { sku: ['GR1'] }, 'scope.sku: no such field'],
    ['scope', { skus: [] }, 'scope.skus: expected a list of names that is not empty'],
    ['scope', { markets: 'm1' }, 'scope.markets: expected a list of names that is not empty'],
    ['scope', { daysOfWeek: [0] },
      'scope.daysOfWeek: expected ISO weekdays, 1 (Monday) to 7 (Sunday)'],
    ['scope', { from: 'May' },
      'scope.from: expected an ISO 8601 date, or an instant with its offset'],
    ['scope', { until: '2026-02-30' },
      'scope.until: expected an ISO 8601 date, or an instant with its offset'],
    ['colour' as keyof Meta, 'red', 'colour: no such field'],
  ])('refuses %s %j', (field, value, problem) => {
    expect(problemsOf([by(-1, { [field]: value })])).toEqual([`strategies[0].meta.${problem}`]);
  });

  it('names every fault at once', () => {
    const wrong = { meta: { ...by(-1).meta, contract: 2, priority: '1' }, sha256: 'x', price: 1 };

    expect(problemsOf([by(-1), wrong as unknown as ActiveStrategy])).toEqual([
      'strategies[1].price: expected a function',
      'strategies[1].sha256: expected 64 hexadecimal digits',
      'strategies[1].meta.contract: expected 1',
      'strategies[1].meta.priority: expected a finite number',
    ]);
  });

  it('refuses a duplicate name', () => {
    expect(problemsOf([by(-1), by(-2)])).toEqual(["strategies[1].meta.name: 'rule' appears twice"]);
  });

  it('refuses a previous version of another strategy', () => {
    const previous = by(-1, { name: 'other', kind: 'basket' });

    expect(problemsOf([{ ...by(-1), previous }])).toEqual([
      'strategies[0].previous.meta.name: expected that of its successor',
      'strategies[0].previous.meta.kind: expected that of its successor',
    ]);
  });

  it.each([null, 7, 'rule', []])('refuses %j for a strategy', (garbage) => {
    expect(problemsOf([garbage as unknown as ActiveStrategy])).not.toEqual([]);
  });

  it.each([-1, 0.5, NaN, 2 ** 53])('refuses revision %d', (revision) => {
    expect(() => createRuleSet(revision, [])).toThrow(
      expect.objectContaining({ kind: 'invalid', code: 'pricing.rules' }),
    );
  });
});

describe('RuleSet', () => {
  it('asks a strategy once for the same line', () => {
    let calls = 0;
    const rules = createRuleSet(1, [strategy({}, () => {
      calls += 1;
      return { adjustments: [] };
    })]);

    const [first, second] = [priceLine(rules, item(2, 311), at), priceLine(rules, item(2, 311), at)];

    expect(calls).toBe(1);
    expect(second).toBe(first);
  });

  it.each([
    ['quantity', item(3, 311)],
    ['price', item(2, 312)],
    ['SKU', item(2, 311, { sku: 'GR2' })],
    ['category', item(2, 311, { category: 'tea' })],
    ['attributes', item(2, 311, { attributes: { bio: true } })],
    ['lots', item(2, 311, { lots: [{ lot: 'L1', quantity: 1, expiresOn: '2026-11-22' }] })],
  ])('asks again for another %s', (_field, other) => {
    let calls = 0;
    const rules = createRuleSet(1, [strategy({}, () => {
      calls += 1;
      return { adjustments: [] };
    })]);

    priceLine(rules, item(2, 311), at);
    const line = priceLine(rules, other, at);

    expect(calls).toBe(2);
    expect(line).toMatchObject(other);
  });

  it('never confuses one text with the end of another', () => {
    const rules = createRuleSet(1, []);
    const lines = [
      item(1, 1, { sku: 'Ac1:B' }), item(1, 1, { sku: 'A', category: 'B' }),
      item(1, 1, { sku: 'A', category: 'Ba{}' }),
      item(1, 1, { sku: 'A', category: 'B', attributes: {} }),
    ];

    const priced = lines.map((line) => priceLine(rules, line, at));

    expect(priced.map(({ sku, category }) => [sku, category])).toEqual(
      lines.map(({ sku, category }) => [sku, category]),
    );
  });

  it('asks again on another day, and when another rule begins', () => {
    const seen: string[] = [];
    const rules = createRuleSet(1, [
      strategy({}, (_input, { now }: Ctx) => {
        seen.push(now);
        return { adjustments: [] };
      }),
      by(-1, { name: 'from-noon', scope: { from: '2026-11-21T12:00:00Z' } }),
    ]);
    const net = (now: string): number => priceLine(rules, item(1, 10), { ...at, now }).netMinor;

    const nets = ['2026-11-21T09:00Z', '2026-11-21T11:59Z', '2026-11-21T12:00Z',
      '2026-11-21T12:01Z', '2026-11-22T00:00Z'].map(net);

    expect(nets).toEqual([10, 10, 9, 9, 9]);
    expect(seen).toEqual(['2026-11-21', '2026-11-21', '2026-11-22']);
  });

  it.each<[needsTime: Meta['needsTime'], seen: string[]]>([
    [undefined, ['2026-11-21']],
    [true, ['2026-11-21T09:00:00Z', '2026-11-21T09:01:00Z']],
    ['second', ['2026-11-21T09:00:01Z', '2026-11-21T09:00:02Z', '2026-11-21T09:01:00Z']],
  ])('gives a strategy that needs the time (%s) only the precision that it asked for', (needsTime, expected) => {
    const seen: string[] = [];
    const rules = createRuleSet(1, [strategy(needsTime === undefined ? {} : { needsTime }, (_input, { now }: Ctx) => {
      seen.push(now);
      return { adjustments: [] };
    })]);

    for (const time of ['09:00:01.000Z', '09:00:01.999Z', '09:00:02Z', '09:01Z']) {
      priceLine(rules, item(1, 10), { ...at, now: `2026-11-21T${time}` });
    }

    expect(seen).toEqual(expected);
  });

  it('asks no rule again about a product for which no rule reads the time', () => {
    let asked = 0;
    const rules = createRuleSet(1, [
      strategy({ name: 'timed', needsTime: true, scope: { skus: ['CF1'] } }, () => ({ adjustments: [] })),
      strategy({ name: 'plain' }, () => {
        asked += 1;
        return { adjustments: [] };
      }),
    ]);

    for (const time of ['09:00Z', '09:01Z', '09:02Z']) priceLine(rules, item(1, 10), { ...at, now: `2026-11-21T${time}` });

    expect(asked).toBe(1);
  });

  it.each<[what: string, meta: Partial<Meta>, now: string, since: string, until: string]>([
    ['the day', {}, '2026-11-21T09:00:00Z', '2026-11-21T00:00:00Z', '2026-11-22T00:00:00Z'],
    ['the day of the market', {}, '2026-11-21T23:30:00+02:00', '2026-11-20T22:00:00Z', '2026-11-21T22:00:00Z'],
    ['where a rule begins', { scope: { from: '2026-11-21T12:00:00Z' } }, '2026-11-21T09:00:00Z', '2026-11-21T00:00:00Z', '2026-11-21T12:00:00Z'],
    ['where a rule ends', { scope: { until: '2026-11-21T08:00:00Z' } }, '2026-11-21T09:00:00Z', '2026-11-21T08:00:00Z', '2026-11-22T00:00:00Z'],
    ['the minute', { needsTime: true }, '2026-11-21T09:00:30.5Z', '2026-11-21T09:00:00Z', '2026-11-21T09:01:00Z'],
    ['the second', { needsTime: 'second' }, '2026-11-21T09:00:30.5Z', '2026-11-21T09:00:30Z', '2026-11-21T09:00:31Z'],
    ['another market', { scope: { markets: ['m2'], from: '2026-11-21T12:00:00Z' } }, '2026-11-21T09:00:00Z', '2026-11-21T00:00:00Z', '2026-11-22T00:00:00Z'],
  ])('reports how long its prices hold: %s', (_what, meta, now, since, until) => {
    const rules = createRuleSet(1, [by(-1, meta)]);

    expect(rules.periodOf({ ...at, now })).toEqual({ sinceMs: Date.parse(since), untilMs: Date.parse(until) });
  });

  it.each<[name: BuiltInName, params: Params, quantity: number, netsMinor: readonly number[]]>([
    ['percent-off@1', { percent: 50 }, 1, [167, 167, 166, 166, 167]],
    ['percent-off@1', { percent: 50, rounding: 'down' }, 1, [166, 166, 166, 166, 166]],
    ['fraction-from@1', { from: 1, numerator: 1, denominator: 2 }, 1, [167, 167, 166, 166, 167]],
    ['fraction-from@1', { from: 1, numerator: 1, denominator: 2, rounding: 'up' }, 1, [167, 167, 167, 167, 167]],
    ['near-expiry-markdown@1', { steps: [{ withinDays: 9, percent: 50 }] }, 1, [167, 167, 166, 166, 167]],
  ])('rounds by %s with %j as in the context, unless the rule names a mode', (name, params, quantity, netsMinor) => {
    const rules = createRuleSet(1, [configured(name, params)]);
    const lots = [{ lot: 'a', quantity: 1, expiresOn: '2026-11-22' }];

    // One rule set for all: no cached line may be used under another rounding.
    const nets = [undefined, 'half-up', 'half-even', 'down', 'up'].map((rounding) =>
      priceLine(rules, item(quantity, 333, { lots }), { ...at, rounding: rounding as Rounding }).netMinor);

    expect(nets).toEqual(netsMinor);
  });

  it('refuses an unknown rounding', () => {
    expect(() => priceLine(createRuleSet(1, []), item(1, 10), { ...at, rounding: 'nearest' as Rounding })).toThrow(
      expect.objectContaining({ code: 'pricing.input', details: { field: 'rounding', expected: 'half-up, half-even, down, up' } }),
    );
  });

  it('keeps markets and currencies apart', () => {
    const rules = createRuleSet(1, [by(-1, { scope: { markets: ['m1'], currencies: ['GBP'] } })]);
    const net = (market: string, currency: string): number =>
      priceLine(rules, item(1, 10), { ...at, market, currency }).netMinor;

    expect([net('m1', 'GBP'), net('m2', 'GBP'), net('m1', 'EUR'), net('m1', 'GBP')])
      .toEqual([9, 10, 10, 9]);
  });

  it.each([{ market: '' }, { currency: undefined }])('refuses the context %j', (wrong) => {
    const context = { ...at, ...wrong } as typeof at;

    expect(() => priceLine(createRuleSet(1, []), item(1, 1), context)).toThrow(
      expect.objectContaining({ kind: 'invalid', code: 'pricing.input' }),
    );
  });
});

function problemsOf(strategies: readonly ActiveStrategy[]): unknown {
  try {
    createRuleSet(1, strategies);
  } catch (thrown) {
    expect(thrown).toMatchObject({ kind: 'invalid', code: 'pricing.rules' });
    return (thrown as { details: { problems: unknown } }).details.problems;
  }
  return [];
}
