import { mulDiv, quotient, signedSum } from '../money.ts';
import { canonicalPlaces, shareAmong, type SharingLine, type WeightedLine } from '../sharing.ts';
import { rateOn, type DatedTaxRate, type TaxRate } from './rate.ts';
import { TaxFailure } from './tax-failures.ts';
import type { Rounding } from '../strategy.ts';

/** The rules by which a market computes its taxes. */
export interface TaxRules {
  readonly pricesInclude: boolean;
  readonly rates: readonly DatedTaxRate[];
  /** Whether tax is rounded for each line, or for each rate and then shared to its lines. */
  readonly level: 'line' | 'rate';
  /** The amount that is rounded when prices include the tax. The other is the difference. */
  readonly target: 'net' | 'tax';
}

/** A line when all discounts are taken off. A returned deposit has a negative amount. */
export interface TaxableLine extends SharingLine {
  readonly amountMinor: number;
  readonly taxCategory: string | undefined;
}

/** A net amount with its tax at one rate. */
export interface Taxed {
  /** The percentage. */
  readonly rate: string;
  readonly netMinor: number;
  readonly taxMinor: number;
}

/**
 * The taxes of lines on a business day, in their order. Tax is rounded once, for each line or each rate, so that the sum of the lines is
 * the tax of the document. Throws `tax.rate_unknown`, `tax.category_missing` and `money.too-large`.
 */
export function taxesOf(lines: readonly TaxableLine[], rules: TaxRules, date: string, rounding: Rounding = 'half-up'): Taxed[] {
  const rates = lines.map(({ sku, taxCategory }) => {
    if (taxCategory === undefined) throw TaxFailure.categoryMissing(sku);
    return rateOn(rules.rates, taxCategory, date);
  });
  const taxesMinor = rules.level === 'line'
    ? lines.map(({ amountMinor }, index) => taxOf(amountMinor, rates[index] as TaxRate, rules, rounding))
    : taxesByRate(lines, rates, rules, rounding);
  return lines.map(({ amountMinor }, index): Taxed => {
    const taxMinor = taxesMinor[index] as number;
    const netMinor = rules.pricesInclude ? amountMinor - taxMinor : amountMinor;
    return { rate: (rates[index] as TaxRate).percent, netMinor, taxMinor };
  });
}

/** The tax that an amount contains, or that comes on top of it. */
export function taxOf(amountMinor: number, rate: TaxRate, { pricesInclude, target }: Pick<TaxRules, 'pricesInclude' | 'target'>, rounding: Rounding): number {
  const { numerator, denominator } = rate;
  if (!pricesInclude) return mulDiv(amountMinor, numerator, denominator, rounding);
  const withTax = denominator + numerator;
  return target === 'tax'
    ? mulDiv(amountMinor, numerator, withTax, rounding)
    : amountMinor - mulDiv(amountMinor, denominator, withTax, rounding);
}

function taxesByRate(lines: readonly TaxableLine[], rates: readonly TaxRate[], rules: TaxRules, rounding: Rounding): number[] {
  const taxesMinor = new Array<number>(lines.length).fill(0);
  for (const places of placesByRate(rates.map(({ percent }) => percent)).values()) {
    const rate = rates[places[0] as number] as TaxRate;
    const members = places.map((place): WeightedLine => {
      const { sku, openedAt, amountMinor } = lines[place] as TaxableLine;
      return { sku, openedAt, weight: amountMinor };
    });
    const taxMinor = taxOf(signedSum(members.map(({ weight }) => weight)), rate, rules, rounding);
    const shares = members.some(({ weight }) => weight < 0)
      ? sharesOfExactTax(taxMinor, members, rate, rules.pricesInclude)
      : shareAmong(taxMinor, members);
    places.forEach((place, index) => {
      taxesMinor[place] = shares[index] as number;
    });
  }
  return taxesMinor;
}

/**
 * Largest remainder where some amounts are negative, and a sum near 0 says nothing about its lines: each gets its exact tax, rounded
 * down, and the lines with the largest rests one unit more.
 */
function sharesOfExactTax(taxMinor: number, lines: readonly WeightedLine[], rate: TaxRate, pricesInclude: boolean): number[] {
  const divisor = BigInt(rate.denominator + (pricesInclude ? rate.numerator : 0));
  const exact = lines.map(({ weight }) => BigInt(weight) * BigInt(rate.numerator));
  const rests = exact.map((product) => ((product % divisor) + divisor) % divisor);
  const shares = exact.map((product, index) => quotient(product - (rests[index] as bigint), divisor, 'down', 'taxes'));
  const left = taxMinor - signedSum(shares);
  // The sort is stable, so equal rests stay in the order of ties.
  const byRest = canonicalPlaces(lines).sort((a, b) => {
    const difference = (rests[b] as bigint) - (rests[a] as bigint);
    return difference > 0n ? 1 : difference < 0n ? -1 : 0;
  });
  for (const place of byRest.slice(0, left)) shares[place] = (shares[place] as number) + 1;
  return shares;
}

function placesByRate(percents: readonly string[]): ReadonlyMap<string, readonly number[]> {
  const groups = new Map<string, number[]>();
  percents.forEach((percent, place) => {
    const group = groups.get(percent);
    if (group) group.push(place);
    else groups.set(percent, [place]);
  });
  return groups;
}
