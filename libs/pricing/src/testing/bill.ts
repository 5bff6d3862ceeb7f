import { signedSum, sum } from '../money.ts';
import { grossOf } from '../quantity/gross.ts';
import { shareAmong } from '../sharing.ts';
import { taxesOf, type TaxableLine, type Taxed, type TaxRules } from '../tax/tax.ts';
import type { Rounding } from '../strategy.ts';

/** A line of a bill, before rounding. */
export interface BillLine {
  readonly sku: string;
  readonly openedAt: string;
  readonly unitPriceMinor: number;
  /** Steps of 10^-`scale`. Returned deposits have a negative number of them. */
  readonly steps: number;
  readonly scale: number;
  /** The price of a label that embeds one. It is the gross, whatever the steps are. */
  readonly labelPriceMinor?: number | undefined;
  /** Adjustments of line rules; a negative one makes the line cheaper. */
  readonly adjustmentsMinor?: readonly number[] | undefined;
  /** A deposit, which no rule changes. */
  readonly isDeposit?: boolean | undefined;
  readonly taxCategory?: string | undefined;
}

/** An amount of a basket rule, and the lines that it is about. */
export interface BasketAmount {
  readonly amountMinor: number;
  /** All lines unless given. */
  readonly covers?: ((line: BillLine) => boolean) | undefined;
}

/** A line with its rounded amounts. */
export interface BilledLine {
  readonly grossMinor: number;
  /** After its own adjustments. */
  readonly netMinor: number;
  /** Its share of each basket amount. */
  readonly sharesMinor: readonly number[];
  /** After everything: the amount that is taxed. */
  readonly amountMinor: number;
}

/** The sums of taxed lines. */
interface TaxSums {
  readonly netMinor: number;
  readonly taxMinor: number;
  readonly totalMinor: number;
}

/** A bill in whole minor units. */
export interface Bill {
  readonly lines: readonly BilledLine[];
  /** The sum of all amounts. It is the total, unless tax comes on top. */
  readonly amountMinor: number;
  /** Absent in a market without taxes. */
  readonly taxes?: TaxSums & { readonly lines: readonly Taxed[]; readonly rates: readonly (TaxSums & Pick<Taxed, 'rate'>)[] };
  readonly totalMinor: number;
}

/** The terms of a bill. */
export interface BillTerms {
  readonly rounding?: Rounding | undefined;
  readonly taxes?: { readonly rules: TaxRules; readonly date: string } | undefined;
}

/**
 * The one order in which a bill is rounded: the gross of each line, its adjustments, the shares of basket amounts over nets above 0, the
 * tax on the rest, and net or total as its difference or sum. Nothing is rounded twice. A line of goods never falls below 0.
 */
export function billOf(lines: readonly BillLine[], amounts: readonly BasketAmount[], { rounding = 'half-up', taxes }: BillTerms = {}): Bill {
  const grossesMinor = lines.map((line) => line.labelPriceMinor ?? grossOf(line, rounding));
  const netsMinor = lines.map((line, index) => netOf(line, grossesMinor[index] as number));
  const left = [...netsMinor];
  const shares = amounts.map((amount) => {
    const parts = sharesOf(amount, lines, left);
    parts.forEach((part, index) => {
      left[index] = (left[index] as number) + part;
    });
    return parts;
  });
  const billed = lines.map((_, index): BilledLine => ({
    grossMinor: grossesMinor[index] as number,
    netMinor: netsMinor[index] as number,
    sharesMinor: shares.map((parts) => parts[index] as number),
    amountMinor: left[index] as number,
  }));
  const amountMinor = signedSum(left);
  if (!taxes) return { lines: billed, amountMinor, totalMinor: amountMinor };
  const taxed = taxesOf(lines.map(({ sku, openedAt, taxCategory }, index): TaxableLine =>
    ({ sku, openedAt, taxCategory, amountMinor: left[index] as number })), taxes.rules, taxes.date, rounding);
  const rates = [...new Set(taxed.map(({ rate }) => rate))].sort((a, b) => Number(a) - Number(b));
  const sums = sumsOf(taxed);
  return {
    lines: billed, amountMinor, totalMinor: sums.totalMinor,
    taxes: { ...sums, lines: taxed, rates: rates.map((rate) => ({ rate, ...sumsOf(taxed.filter((line) => line.rate === rate)) })) },
  };
}

function sumsOf(lines: readonly Taxed[]): TaxSums {
  const netMinor = signedSum(lines.map((line) => line.netMinor));
  const taxMinor = signedSum(lines.map((line) => line.taxMinor));
  return { netMinor, taxMinor, totalMinor: signedSum([netMinor, taxMinor]) };
}

function netOf({ adjustmentsMinor = [], isDeposit }: BillLine, grossMinor: number): number {
  if (isDeposit || grossMinor < 0) return grossMinor;
  return Math.max(0, signedSum([grossMinor, ...adjustmentsMinor]));
}

/** The shares of a basket amount. It never takes more than the lines that it is about still cost. */
function sharesOf({ amountMinor, covers = () => true }: BasketAmount, lines: readonly BillLine[], netsMinor: readonly number[]): number[] {
  const places = lines.flatMap((line, place) => ((netsMinor[place] as number) > 0 && !line.isDeposit && covers(line) ? [place] : []));
  const weighted = places.map((place) => {
    const { sku, openedAt } = lines[place] as BillLine;
    return { sku, openedAt, weight: netsMinor[place] as number };
  });
  const parts = new Array<number>(lines.length).fill(0);
  if (places.length === 0) return parts;
  const least = -sum(weighted.map(({ weight }) => weight), 'shares');
  shareAmong(Math.max(amountMinor, least), weighted).forEach((part, index) => {
    parts[places[index] as number] = part;
  });
  return parts;
}
