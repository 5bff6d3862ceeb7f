import { ROUNDINGS, type Rounding } from '@aisle/std';
import fc from 'fast-check';
import { billOf, type BasketAmount, type Bill, type BillLine } from '../testing/bill.ts';
import type { Taxed, TaxRules } from './tax.ts';

const RUNS = 2_000;
const date = '2026-12-01';
const RATES: Readonly<Record<string, readonly [percent: string, numerator: bigint, denominator: bigint]>> = {
  standard: ['22', 22n, 100n], reduced: ['10.0', 10n, 100n], food: ['8.875', 8_875n, 100_000n], zero: ['0', 0n, 100n], half: ['50', 1n, 2n],
};
const categories = fc.constantFrom(...Object.keys(RATES));

const goods: fc.Arbitrary<BillLine> = fc.record({
  sku: fc.constantFrom('A', 'B', 'C', 'é', '\uff01', '\u{1f34e}'), openedAt: instants(), taxCategory: categories,
  unitPriceMinor: fc.oneof(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 0, max: 10 ** 8 })),
  steps: fc.integer({ min: 1, max: 5_000 }), scale: fc.integer({ min: 0, max: 3 }),
  adjustmentsMinor: fc.array(fc.integer({ min: -5_000, max: 500 }), { maxLength: 2 }),
  labelPriceMinor: fc.option(fc.integer({ min: 0, max: 99_999 }), { nil: undefined, freq: 5 }),
});
const deposit: fc.Arbitrary<BillLine> = fc.record({
  sku: fc.constantFrom('D8', 'D25'), openedAt: instants(), taxCategory: categories, unitPriceMinor: fc.constantFrom(8, 15, 25),
  steps: fc.integer({ min: -40, max: 40 }), scale: fc.constant(0), isDeposit: fc.constant(true),
});
const lines = fc.uniqueArray(fc.oneof({ weight: 4, arbitrary: goods }, { weight: 1, arbitrary: deposit }), {
  maxLength: 12, selector: ({ sku, openedAt }) => `${sku} ${openedAt}`,
});
const amounts: fc.Arbitrary<BasketAmount[]> = fc.array(fc.record({
  amountMinor: fc.oneof(fc.integer({ min: -2_000, max: 300 }), fc.integer({ min: -(10 ** 9), max: 0 })),
  covers: fc.constantFrom(undefined, ({ sku }: BillLine) => sku !== 'A', ({ taxCategory }: BillLine) => taxCategory === 'food'),
}), { maxLength: 3 });
const basket = fc.record({
  lines, amounts, rounding: fc.constantFrom(...ROUNDINGS), pricesInclude: fc.boolean(),
  level: fc.constantFrom('line' as const, 'rate' as const), target: fc.constantFrom('net' as const, 'tax' as const),
});
type Basket = ReturnType<typeof basket.generate>['value'];

describe('a bill', () => {
  it('has equal sums by line, by rate and in all, and exact amounts', () => {
    fc.assert(fc.property(basket, (given) => {
      const bill = priced(given);
      const taxes = bill.taxes!;

      const sums = [taxes.netMinor, taxes.taxMinor, bill.totalMinor].map(BigInt);
      expect([sumsOf(taxes.lines), sumsOf(taxes.rates)]).toEqual([sums, sums]);
      expect(taxes.netMinor + taxes.taxMinor).toBe(given.pricesInclude ? bill.amountMinor : bill.totalMinor);
      expect(bill.lines.map(({ grossMinor }) => BigInt(grossMinor))).toEqual(given.lines.map((line) => oracleGross(line, given.rounding)));
      expectTaxes(given, bill);
    }), { numRuns: RUNS });
  });

  it('shares each basket amount exactly, and takes no line of goods below 0', () => {
    fc.assert(fc.property(basket, (given) => {
      const bill = priced(given);

      let left = bill.lines.map(({ netMinor }) => netMinor);
      given.amounts.forEach(({ amountMinor, covers = () => true }, index) => {
        const shares = bill.lines.map(({ sharesMinor }) => sharesMinor[index]!);
        const weights = left.map((net, place) => (net > 0 && !given.lines[place]!.isDeposit && covers(given.lines[place]!) ? net : 0));
        const sum = weights.reduce((all, weight) => all + weight, 0);
        const shared = sum === 0 ? 0 : Math.max(amountMinor, -sum);
        // Within one unit of the exact share, and nothing for a line without weight.
        const distances = shares.map((share, place) => BigInt(share) * BigInt(sum) - BigInt(shared) * BigInt(weights[place]!));
        expect({
          sum: shares.reduce((all, share) => all + share, 0),
          far: distances.filter((distance) => distance !== 0n && (distance >= BigInt(sum) || -distance >= BigInt(sum))),
          unearned: shares.filter((share, place) => share !== 0 && weights[place] === 0),
        }).toEqual({ sum: shared, far: [], unearned: [] });
        left = left.map((net, place) => net + shares[place]!);
      });
      expect(bill.lines.map(({ amountMinor }) => amountMinor)).toEqual(left);
      expect(given.lines.every(({ isDeposit }, place) => isDeposit === true || left[place]! >= 0)).toBe(true);
    }), { numRuns: RUNS });
  });

  it('does not depend on the order of its lines', () => {
    const shuffled = basket.chain((given) => fc.tuple(fc.constant(given), fc.shuffledSubarray(given.lines, { minLength: given.lines.length })));
    fc.assert(fc.property(shuffled, ([given, others]) => {
      const [bill, other] = [priced(given), priced({ ...given, lines: others })];

      expect(byLine(others, other)).toEqual(byLine(given.lines, bill));
      expect(other.taxes?.rates).toEqual(bill.taxes?.rates);
    }), { numRuns: RUNS });
  });
});

function priced({ lines: of, amounts: off, rounding, ...rules }: Basket): Bill {
  const rates = Object.entries(RATES).map(([category, [rate]]) => ({ category, rate, from: '2020-01-01' }));
  return billOf(of, off, { rounding, taxes: { rules: { ...rules, rates } satisfies TaxRules, date } });
}

/** Exact taxes: of each line by line, of each rate's sum by rate. A line's share is less than two units from its own exact tax. */
function expectTaxes({ lines: of, level, rounding, ...rules }: Basket, { lines: billed, taxes }: Bill): void {
  const percents = new Map(Object.values(RATES).map(([percent, ...rate]) => [String(Number(percent)), rate]));
  const taxOf = (amount: bigint, percent: string): bigint => {
    const [numerator, denominator] = percents.get(percent)!;
    if (!rules.pricesInclude) return rounded(amount * numerator, denominator, rounding);
    const all = numerator + denominator;
    return rules.target === 'tax' ? rounded(amount * numerator, all, rounding) : amount - rounded(amount * denominator, all, rounding);
  };
  if (level === 'line') {
    expect(taxes!.lines.map(({ taxMinor }) => BigInt(taxMinor))).toEqual(taxes!.lines.map(({ rate }, place) => taxOf(BigInt(billed[place]!.amountMinor), rate)));
    return;
  }
  for (const { rate, taxMinor } of taxes!.rates) {
    const amounts = billed.filter((_, place) => taxes!.lines[place]!.rate === rate).map(({ amountMinor }) => BigInt(amountMinor));
    expect(BigInt(taxMinor)).toBe(taxOf(amounts.reduce((sum, amount) => sum + amount, 0n), rate));
  }
  const far = taxes!.lines.filter(({ rate, taxMinor }, place) => {
    const [numerator, denominator] = percents.get(rate)!;
    const divisor = rules.pricesInclude ? numerator + denominator : denominator;
    const distance = BigInt(taxMinor) * divisor - BigInt(billed[place]!.amountMinor) * numerator;
    return distance >= 2n * divisor || -distance >= 2n * divisor;
  });
  expect(far).toEqual([]);
  // A line of goods has no tax below 0, and no more than its amount.
  expect(taxes!.lines.filter(({ netMinor, taxMinor }, place) => !of[place]!.isDeposit && (netMinor < 0 || taxMinor < 0))).toEqual([]);
}

function byLine(of: readonly BillLine[], { lines: billed, taxes }: Bill) {
  return new Map(of.map(({ sku, openedAt }, place) => [`${sku} ${openedAt}`, { ...billed[place], ...taxes?.lines[place] }] as const).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function oracleGross({ unitPriceMinor, steps, scale, labelPriceMinor }: BillLine, rounding: Rounding): bigint {
  return labelPriceMinor === undefined ? rounded(BigInt(unitPriceMinor) * BigInt(steps), 10n ** BigInt(scale), rounding) : BigInt(labelPriceMinor);
}

/** The plain definition of rounding a fraction: the nearer neighbour, and the mode's own among two. */
function rounded(numerator: bigint, denominator: bigint, rounding: Rounding): bigint {
  if (numerator < 0n) return -rounded(-numerator, denominator, rounding);
  const low = numerator / denominator;
  if (low * denominator === numerator || rounding === 'down') return low;
  const high = low + 1n;
  if (rounding === 'up') return high;
  const [toLow, toHigh] = [numerator - low * denominator, high * denominator - numerator];
  if (toLow !== toHigh) return toLow < toHigh ? low : high;
  return rounding === 'half-up' || high % 2n === 0n ? high : low;
}

/** Net, tax and both. */
function sumsOf(parts: readonly Taxed[]): bigint[] {
  const net = parts.reduce((sum, { netMinor }) => sum + BigInt(netMinor), 0n);
  const tax = parts.reduce((sum, { taxMinor }) => sum + BigInt(taxMinor), 0n);
  return [net, tax, net + tax];
}

function instants(): fc.Arbitrary<string> {
  return fc.integer({ min: 0, max: 999 }).map((ms) => `2026-12-01T08:00:00.${String(ms).padStart(3, '0')}Z`);
}
