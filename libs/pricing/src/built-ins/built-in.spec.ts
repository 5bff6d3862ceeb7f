import { readFileSync } from 'node:fs';
import { isFailure } from '@aisle/std';
import { builtIn } from './built-in.ts';
import type { BuiltInName } from './built-in.ts';
import type { Params } from '../testing/shop.ts';

describe('builtIn', () => {
  it.each<[name: BuiltInName, params: Params, problems: string[]]>([
    ['buy-n-get-m@1', { buy: 0 }, [
      'params.buy: expected a whole number, at least 1',
      'params.free: expected a whole number, at least 1',
    ]],
    ['buy-n-get-m@1', { buy: 1, free: 1, fre: 1 }, ['params.fre: no such parameter']],
    ['bulk-price@1', { from: 3, unitPriceMinor: 4.5 }, [
      'params.unitPriceMinor: expected a whole number, at least 0',
    ]],
    ['fraction-from@1', { from: 3, numerator: 3, denominator: 2 }, [
      'params.numerator: expected at most the denominator',
    ]],
    ['percent-off@1', { percent: 33.333 }, [
      'params.percent: expected more than 0, at most 100, two decimals at most',
    ]],
    ['percent-off@1', { percent: 10, rounding: 'sideways' }, [
      'params.rounding: expected half-up, half-even, down, up',
    ]],
    ['fixed-off@1', { amountMinor: 10, per: 'kilo' }, ['params.per: expected line, unit']],
    ['near-expiry-markdown@1', { steps: [] }, ['params.steps: expected a list that is not empty']],
    ['near-expiry-markdown@1', { steps: [{ withinDays: 1, percent: 101 }, 7] }, [
      'params.steps[0].percent: expected more than 0, at most 100, two decimals at most',
      'params.steps[1]: expected an object',
      'params.steps[1].withinDays: expected a whole number, at least 0',
      'params.steps[1].percent: expected more than 0, at most 100, two decimals at most',
    ]],
    ['mix-and-match@1', { count: 3 }, [
      'params.setPriceMinor: expected a whole number, at least 0',
    ]],
    ['mix-and-match@1', { count: 3, free: 3 }, ['params.free: expected fewer than count']],
    ['mix-and-match@1', { count: 3, free: 1, setPriceMinor: 5 }, [
      'params.free: expected either free or setPriceMinor',
    ]],
    ['spend-x-save-y@1', { spendMinor: 1, saveMinor: 1, coupon: '', repeat: 1 }, [
      'params.repeat: expected true or false',
      'params.coupon: expected a text',
    ]],
    ['sell-it-all@1' as BuiltInName, {}, [
      "no such built-in: 'sell-it-all@1'; the built-ins are buy-n-get-m@1, bulk-price@1, fraction-from@1, percent-off@1, "
      + 'fixed-off@1, near-expiry-markdown@1, mix-and-match@1, spend-x-save-y@1',
    ]],
  ])('of %s with %j names every fault', (name, params, problems) => {
    expect(() => builtIn(name, { name: 'rule', version: '1.0.0', params })).toThrow(
      expect.objectContaining({ kind: 'invalid', code: 'pricing.rules', details: { problems } }),
    );
  });

  it('knows the names that the README lists, and no other', () => {
    const readme = readFileSync(`${__dirname}/../../README.md`, 'utf8');
    const listed = [...readme.matchAll(/^\| `(\S+@\d+)`/gm)].map(([, name]) => name);

    expect(listed.toSorted()).toEqual(namesKnown().toSorted());
  });

  it('hashes equal configurations equally, in any order of their fields', () => {
    const one = builtIn('buy-n-get-m@1', { name: 'a', version: '1', params: { buy: 1, free: 2 } });
    const two = builtIn('buy-n-get-m@1', { version: '1', params: { free: 2, buy: 1 }, name: 'a' });

    expect(one.sha256).toBe(two.sha256);
  });

  it.each([
    ['parameter', { params: { buy: 1, free: 3 } }],
    ['scope', { scope: { skus: ['GR1'] } }],
    ['version', { version: '2' }],
    ['priority', { priority: 5 }],
  ])('hashes another %s differently', (_field, change) => {
    const config = { name: 'a', version: '1', params: { buy: 1, free: 2 } };

    const changed = builtIn('buy-n-get-m@1', { ...config, ...change });

    expect(changed.sha256).not.toBe(builtIn('buy-n-get-m@1', config).sha256);
  });

  it('keeps its configuration when the caller changes the object', () => {
    const params: Record<string, number> = { buy: 1, free: 1 };
    const strategy = builtIn('buy-n-get-m@1', { name: 'a', version: '1', params });

    params['free'] = 100;

    expect(strategy.meta.params).toEqual({ buy: 1, free: 1 });
    expect(Object.isFrozen(strategy.meta.params)).toBe(true);
  });
});

/** As the refusal of an unknown name lists them. */
function namesKnown(): string[] {
  try {
    builtIn('none@1' as BuiltInName, { name: 'a', version: '1', params: {} });
  } catch (refusal) {
    if (isFailure(refusal)) return String((refusal.details['problems'] as string[])[0]).split(' are ')[1]?.split(', ') ?? [];
  }
  throw new Error('a built-in has the name none@1');
}
