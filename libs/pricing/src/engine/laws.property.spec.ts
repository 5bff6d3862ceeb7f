import fc from 'fast-check';
import { at, basketBy, by, configured, item, lineBy, strategy } from '../testing/shop.ts';
import { priceBasket } from './basket.ts';
import { priceLine } from './line.ts';
import { createRuleSet } from './rule-set.ts';
import type { BuiltInName } from '../built-ins/built-in.ts';
import type { ActiveStrategy, Item, Meta } from '../strategy.ts';
import type { PricedBasket, PricedLine } from './priced.ts';
import type { RuleSet } from './rule-set.ts';
import type { Params } from '../testing/shop.ts';

// The market of these laws: three products, and any rules that the generators produce.
const prices: Record<string, number> = { GR1: 311, SR1: 500, CF1: 1123 };
const sku = fc.constantFrom(...Object.keys(prices));

type Command = { readonly op: 'add' | 'remove'; readonly sku: string; readonly quantity: number };

describe('the engine, under any honest rules', () => {
  it('totals the same for any permutation of the same adds', () => {
    const filled = fc.array(add(), { maxLength: 12 }).chain((adds) => fc.tuple(
      fc.constant(adds), fc.shuffledSubarray(adds, { minLength: adds.length }),
    ));
    fc.assert(fc.property(rules(), filled, (strategies, [adds, shuffled]) => {
      const ruleSet = createRuleSet(1, strategies);

      const [one, other] = [fill(ruleSet, adds), fill(ruleSet, shuffled)];

      expect(other.totalMinor).toBe(one.totalMinor);
      expect(sharesBySku(other)).toEqual(sharesBySku(one));
    }));
  });

  it('treats adding and then removing as no change', () => {
    fc.assert(fc.property(
      rules(), fc.array(add(), { maxLength: 6 }), add(),
      (strategies, adds, { sku: added, quantity }) => {
        const ruleSet = createRuleSet(1, strategies);
        const there = { op: 'add', sku: added, quantity } as const;
        const back = { op: 'remove', sku: added, quantity } as const;

        const [before, after] = [fill(ruleSet, adds), fill(ruleSet, [...adds, there, back])];

        expect(bySku(after)).toEqual(bySku(before));
        expect(after.totalMinor).toBe(before.totalMinor);
      },
    ));
  });

  it('never totals below zero, nor a line, nor a line with its shares', () => {
    fc.assert(fc.property(rules(), fc.array(add()), (strategies, adds) => {
      const basket = fill(createRuleSet(1, strategies), adds);

      expect(basket.totalMinor).toBeGreaterThanOrEqual(0);
      basket.lines.forEach(({ netMinor }, at) => {
        expect(netMinor).toBeGreaterThanOrEqual(0);
        const shareMinor = sum(basket.adjustments.map(({ sharesMinor }) => sharesMinor[at]!));
        expect(netMinor + shareMinor).toBeGreaterThanOrEqual(0);
      });
    }));
  });

  it('adds up: gross plus adjustments is net, nets plus adjustments are the total, shares are each adjustment', () => {
    fc.assert(fc.property(rules(), fc.array(add()), (strategies, adds) => {
      const basket = fill(createRuleSet(1, strategies), adds);

      for (const line of basket.lines) {
        expect(line.grossMinor + amounts(line)).toBe(line.netMinor);
      }
      expect(sum(basket.lines.map((line) => line.netMinor)) + amounts(basket))
        .toBe(basket.totalMinor);
      for (const { amountMinor, sharesMinor } of basket.adjustments) {
        expect(sum(sharesMinor)).toBe(amountMinor);
      }
    }));
  });

  it('is never degraded by a built-in', () => {
    fc.assert(fc.property(rules(), fc.array(add()), (strategies, adds) => {
      expect(fill(createRuleSet(1, strategies), adds).degraded).toBe(false);
    }));
  });

  it('caches only the answers that a fresh rule set gives', () => {
    fc.assert(fc.property(rules(), fc.array(add()), (strategies, adds) => {
      const used = createRuleSet(1, strategies);
      fill(used, adds);

      expect(fill(used, adds)).toEqual(fill(createRuleSet(1, strategies), adds));
    }));
  });
});

describe('best-of', () => {
  it('is never dearer than any of its members alone', () => {
    const members = fc.array(fc.integer({ min: -400, max: 200 }), { minLength: 1, maxLength: 6 });
    const kind = fc.constantFrom<Meta['kind'][]>('line', 'basket');
    fc.assert(fc.property(members, kind, (amountsMinor, ofKind) => {
      const group = amountsMinor.map((amountMinor, index) => by(amountMinor, {
        name: `m${index}`, kind: ofKind, surcharge: true, stack: 'best-of', group: 'g',
      }));

      const together = basketBy(group, [item(1, 311)]).totalMinor;

      const alone = group.map((member) => basketBy([member], [item(1, 311)]).totalMinor);
      expect(together).toBe(Math.min(...alone));
    }));
  });
});

describe('exclusive', () => {
  it('skips everything after it', () => {
    const off = fc.array(fc.integer({ min: -50, max: -1 }), { minLength: 1, maxLength: 8 });
    fc.assert(fc.property(off, fc.nat(), (amountsMinor, pick) => {
      const stop = pick % amountsMinor.length;
      const strategies = amountsMinor.map((amountMinor, index) => by(amountMinor, {
        name: `s${index}`, priority: -index, stack: index === stop ? 'exclusive' : 'stack',
      }));

      const line = lineBy(strategies, item(1, 1000));

      expect(line.netMinor).toBe(1000 + sum(amountsMinor.slice(0, stop + 1)));
      expect(line.skipped).toHaveLength(amountsMinor.length - stop - 1);
    }));
  });
});

describe('any answer at all', () => {
  it('leaves a price between nothing and list price', () => {
    const amount = fc.oneof(fc.anything(), fc.double(), fc.integer());
    const answer = fc.oneof(fc.anything({ withBigInt: true, withNullPrototype: true }), fc.record({
      adjustments: fc.oneof(fc.anything(), fc.array(fc.record({
        code: fc.oneof(fc.anything(), fc.string()),
        amountMinor: amount,
        units: fc.anything(),
        message: fc.oneof(fc.anything(), fc.string()),
      }))),
      skipped: fc.anything(),
    }, { requiredKeys: ['adjustments'] }));
    const kind = fc.constantFrom<Meta['kind'][]>('line', 'basket');
    fc.assert(fc.property(answer, kind, fc.boolean(), (output, ofKind, throws) => {
      const hostile = strategy({ kind: ofKind }, () => {
        if (throws) throw output as Error;
        return output;
      });

      const { totalMinor } = basketBy([hostile], [item(2, 311)]);

      expect(Number.isSafeInteger(totalMinor)).toBe(true);
      expect(totalMinor).toBeGreaterThanOrEqual(0);
      expect(totalMinor).toBeLessThanOrEqual(622);
    }), { numRuns: 1_000 });
  });
});

/** Built-ins of every kind, in every stacking mode. */
function rules(): fc.Arbitrary<ActiveStrategy[]> {
  const places = fc.record({
    priority: fc.integer({ min: 0, max: 3 }),
    skus: fc.option(fc.uniqueArray(sku, { minLength: 1 }), { nil: undefined }),
    stack: fc.constantFrom<Meta['stack'][]>('stack', 'stack', 'exclusive', 'best-of'),
  });
  return fc.array(fc.tuple(configurations(), places), { maxLength: 6 }).map((chosen) =>
    chosen.map(([[name, params], { priority, skus, stack }], index) => configured(name, params, {
      name: `rule-${index}`,
      priority,
      stack,
      scope: skus ? { skus } : {},
      ...(stack === 'best-of' ? { group: 'g' } : {}),
    })));
}

/** Every built-in obeys the laws: to forget one here does not compile. */
function configurations(): fc.Arbitrary<Parameters<typeof configured>> {
  const few = fc.integer({ min: 1, max: 4 });
  const amount = fc.integer({ min: 1, max: 2_000 });
  const percent = fc.integer({ min: 1, max: 100 });
  const params: Record<BuiltInName, fc.Arbitrary<Params>> = {
    'buy-n-get-m@1': fc.record({ buy: few, free: few }),
    'bulk-price@1': fc.record({ from: few, unitPriceMinor: amount }),
    'fraction-from@1': fc.record({ from: few, numerator: few, denominator: fc.integer({ min: 4, max: 9 }) }),
    'percent-off@1': fc.record({ percent }),
    'fixed-off@1': fc.record({ amountMinor: amount }),
    'near-expiry-markdown@1': fc.record({ steps: fc.tuple(fc.record({ withinDays: few, percent })) }),
    'mix-and-match@1': fc.oneof(
      fc.record({ count: fc.integer({ min: 2, max: 5 }), setPriceMinor: amount }),
      fc.record({ count: fc.integer({ min: 3, max: 5 }), free: fc.integer({ min: 1, max: 2 }) }),
    ),
    'spend-x-save-y@1': fc.record({ spendMinor: amount, saveMinor: amount, repeat: fc.boolean() }),
  };
  return fc.oneof(...Object.entries(params).map(([name, ofName]) => fc.tuple(fc.constant(name as BuiltInName), ofName)));
}

function add(): fc.Arbitrary<Command> {
  return fc.record({
    op: fc.constant('add' as const), sku, quantity: fc.integer({ min: 1, max: 9 }),
  });
}

/** A basket under commands: a line is repriced with its whole quantity whenever that changes. */
function fill(ruleSet: RuleSet, commands: readonly Command[]): PricedBasket {
  const lines = new Map<string, PricedLine>();
  for (const { op, sku: name, quantity } of commands) {
    const held = lines.get(name)?.quantity ?? 0;
    const left = op === 'add' ? held + quantity : held - quantity;
    const line: Item = { sku: name, quantity: left, unitPriceMinor: prices[name]! };
    if (left === 0) lines.delete(name);
    else lines.set(name, priceLine(ruleSet, line, at));
  }
  return priceBasket(ruleSet, [...lines.values()], [], at);
}

function bySku({ lines }: PricedBasket): Map<string, PricedLine> {
  return new Map(lines.map((line) => [line.sku, line]));
}

function sharesBySku({ lines, adjustments }: PricedBasket): unknown {
  return adjustments.map(({ strategy: name, sharesMinor }) =>
    [name, new Map(lines.map((line, at) => [line.sku, sharesMinor[at]]))]);
}

function amounts(priced: PricedLine | PricedBasket): number {
  return sum(priced.adjustments.map(({ amountMinor }) => amountMinor));
}

function sum(amountsMinor: readonly number[]): number {
  return amountsMinor.reduce((all, amountMinor) => all + amountMinor, 0);
}
