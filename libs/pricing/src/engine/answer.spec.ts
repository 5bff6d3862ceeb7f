import { at, basketBy, by, item, lineBy, strategy } from '../testing/shop.ts';
import { priceLine } from './line.ts';
import { createRuleSet } from './rule-set.ts';
import type { ActiveStrategy, LineInput, Meta } from '../strategy.ts';

describe('a strategy that fails', () => {
  const broken = strategy({ version: '2.0.0' }, () => {
    throw new Error('secret');
  });

  it('leaves the price to the other rules, flagged and explained', () => {
    const line = lineBy([broken, by(-1, { name: 'sound' })], item(1, 10));

    expect(line).toMatchObject({ netMinor: 9, degraded: true });
    expect(line.skipped).toEqual([
      { code: 'failed', reason: 'threw an error', strategy: 'rule', version: '2.0.0' },
    ]);
  });

  it('gives way to its previous version', () => {
    const line = lineBy([{ ...broken, previous: by(-3, { version: '1.0.0' }) }], item(1, 10));

    expect(line).toMatchObject({ netMinor: 7, degraded: true });
    expect(line.adjustments.map(({ version }) => version)).toEqual(['1.0.0']);
  });

  it('gives way to list price when its previous version fails too', () => {
    const previous = { ...broken, previous: by(-3) };

    expect(lineBy([{ ...broken, previous }], item(1, 10)).netMinor).toBe(10);
  });

  it('gives way to a previous version only within the scope of that version', () => {
    const previous = by(-3, { scope: { skus: ['SR1'] } });

    expect(lineBy([{ ...broken, previous }], item(1, 10)).netMinor).toBe(10);
  });

  it('gives way to a previous version with its own period and its own precision of time', () => {
    const seen: string[] = [];
    const previous = strategy({
      needsTime: true, scope: { from: '2026-11-21T12:00:00Z', until: '2026-11-21T13:00:00Z' },
    }, (_input, { now }) => {
      seen.push(now);
      return { adjustments: [] };
    });
    const rules = createRuleSet(1, [{ ...broken, previous }]);

    for (const time of ['11:59', '12:00', '12:01', '13:00']) {
      priceLine(rules, item(1, 10), { ...at, now: `2026-11-21T${time}Z` });
    }

    expect(seen).toEqual(['2026-11-21T12:00:00Z', '2026-11-21T12:01:00Z']);
  });

  it('is asked again, since its failure may be temporary', () => {
    let calls = 0;
    const shaky = strategy({}, () => {
      calls += 1;
      if (calls === 1) throw new Error('once');
      return { adjustments: [{ code: 'x', amountMinor: -1, message: 'x' }] };
    });
    const rules = createRuleSet(1, [shaky]);

    const nets = [1, 2, 3].map(() => priceLine(rules, item(1, 10), at).netMinor);

    expect([nets, calls]).toEqual([[10, 9, 9], 2]);
  });

  it.each<[what: string, price: (input: LineInput) => unknown, reason: string]>([
    ['nothing', () => undefined, 'answer is not an object'],
    ['a number', () => -1, 'answer is not an object'],
    ['no adjustments', () => ({}), 'adjustments is not a list'],
    ['a promise', () => Promise.reject(new Error('late')), 'answer is a promise'],
    ['NaN', () => taking(NaN), 'amountMinor is not a safe integer'],
    ['infinity', () => taking(-Infinity), 'amountMinor is not a safe integer'],
    ['a fraction', () => taking(-0.5), 'amountMinor is not a safe integer'],
    ['a huge amount', () => taking(-1e300), 'amountMinor is not a safe integer'],
    ['a text', () => taking('-1'), 'amountMinor is not a safe integer'],
    ['a BigInt', () => taking(-1n), 'amountMinor is not a safe integer'],
    ['amounts that sum up to too much',
      () => ({ adjustments: [...taking(-(2 ** 53 - 1)).adjustments, ...taking(-5).adjustments] }),
      'adjustments exceed 1000000000000000 minor units in total'],
    ['an adjustment that is none', () => ({ adjustments: [7] }), 'adjustment is not an object'],
    ['a hole', () => ({ adjustments: new Array(1) }), 'adjustment is not an object'],
    ['a list without end', () => ({ adjustments: new Array(4e9) }),
      'adjustments has more than 32 entries'],
    ['no message', () => ({ adjustments: [{ code: 'x', amountMinor: -1 }] }),
      'message is not a text of 1 to 500 characters'],
    ['a code of a megabyte',
      () => ({ adjustments: [{ code: 'x'.repeat(1e6), amountMinor: -1, message: 'x' }] }),
      'code is not a text of 1 to 64 characters'],
    ['a U+0000 in a code', () => ({ adjustments: [{ code: 'a\0', amountMinor: -1, message: 'x' }] }), 'code has a character U+0000'],
    ['half a character in a message', () => ({ adjustments: [{ code: 'x', amountMinor: -1, message: '\ud800' }] }), 'message has half a surrogate pair'],
    ['half a character in a reason', () => ({ adjustments: [], skipped: [{ code: 'x', reason: 'a\udc00b' }] }), 'reason has half a surrogate pair'],
    ['more text than a line may hold', () => ({ adjustments: Array.from({ length: 3 }, () => taking(-1, 'x'.repeat(300)).adjustments[0]) }),
      'adjustments and skipped have more than 1024 bytes'],
    ['text that is longer as JSON', () => taking(-1, '\u0001'.repeat(200)), 'adjustments and skipped have more than 1024 bytes'],
    ['a list that says it is half as long', () => ({ adjustments: lengthOf(0.5) }), 'adjustments is not a list'],
    ['a list that says it is no length', () => ({ adjustments: lengthOf(NaN) }), 'adjustments is not a list'],
    ['a list that says it is shorter than nothing', () => ({ adjustments: lengthOf(-1) }), 'adjustments is not a list'],
    ['a list whose length is a text', () => ({ adjustments: lengthOf('1') }), 'adjustments is not a list'],
    ['units below zero',
      () => ({ adjustments: [{ code: 'x', amountMinor: -1, message: 'x', units: -1 }] }),
      'units is not a count'],
    ['skips that are none', () => ({ adjustments: [], skipped: 'no' }), 'skipped is not a list'],
    ['a skip without a reason', () => ({ adjustments: [], skipped: [{ code: 'x' }] }),
      'reason is not a text of 1 to 500 characters'],
    ['a getter that throws', () => ({ get adjustments() { throw new Error('trap'); } }),
      'threw an error'],
    ['a change of its input', (input) => Object.assign(input, { netMinor: 0 }), 'threw an error'],
    ['a thrown text', () => { throw 'text' as unknown as Error; }, 'threw an error'],
    ['calls without end', function again(input): unknown { return [again(input)]; },
      'threw an error'],
  ])('with %s degrades the line and crashes nothing', (_what, price, reason) => {
    const line = lineBy([strategy({}, price)], item(1, 10));

    expect(line).toMatchObject({ netMinor: 10, adjustments: [], degraded: true });
    expect(line.skipped.map((skip) => [skip.code, skip.reason])).toEqual([['failed', reason]]);
  });

  it('gains nothing from a getter that changes its answer', () => {
    let reads = 0;
    const fickle = { code: 'x', message: 'x', get amountMinor() {
      reads += 1;
      return reads === 1 ? -1 : 1e9;
    } };

    expect(lineBy([strategy({}, () => ({ adjustments: [fickle] }))], item(1, 10)).netMinor).toBe(9);
  });

  it('may answer as much as fits into a line, and more for a whole basket', () => {
    const saying = (chars: number, ofKind: Meta['kind']) => strategy({ kind: ofKind }, () => taking(0, 'é'.repeat(chars)));
    const degraded = (rule: ActiveStrategy) => basketBy([rule], [item(1, 10)]).degraded;

    // 128 bytes per entry, 1 for the code, 2 per character.
    expect([degraded(saying(447, 'line')), degraded(saying(448, 'line'))]).toEqual([false, true]);
    expect([degraded(saying(500, 'basket')), degraded(saying(501, 'basket'))]).toEqual([false, true]);
  });

  function taking(amountMinor: unknown, message = 'x') {
    return { adjustments: [{ code: 'x', amountMinor, message }] };
  }

  function lengthOf(length: unknown): unknown {
    return new Proxy([], { get: (_target, key) => (key === 'length' ? length : taking(-1).adjustments[0]) });
  }
});
