import type { MarketTerms } from '@aisle/contracts';
import { TaxFailure, rateOn, taxesOf, type PricedBasket, type Rounding } from '@aisle/pricing';
import type { BasketTaxes, Line } from '../basket/basket-parts.ts';

/** The market's rules of taxes, and the business day on which a basket is taxed. */
export interface TaxingDay {
  readonly tax: NonNullable<MarketTerms['tax']>;
  readonly today: string;
  readonly rounding: Rounding;
}

/**
 * The taxes of a priced basket on its discounted lines. A line whose rate is not known has none: such a line was put in before the
 * market had taxes, cannot grow, and cannot be checked out.
 */
export function basketTaxes(lines: readonly Line[], { adjustments }: Pick<PricedBasket, 'adjustments'>, { tax, today, rounding }: TaxingDay): BasketTaxes {
  const known = lines.map(({ taxCategory }) => isKnown(tax, taxCategory, today));
  const taxable = lines.flatMap(({ sku, taxCategory, netMinor }, at) => {
    const amountMinor = adjustments.reduce((sum, { sharesMinor }) => sum + (sharesMinor[at] ?? 0), netMinor);
    return known[at] ? [{ sku, openedAt: '', taxCategory, amountMinor }] : [];
  });
  const taxed = taxesOf(taxable, tax, today, rounding)[Symbol.iterator]();
  return {
    pricesInclude: tax.pricesInclude,
    lines: lines.map(({ taxCategory = '' }, at) => {
      if (!known[at]) return null;
      const { rate, netMinor, taxMinor } = taxed.next().value!;
      return { category: taxCategory, rate, netMinor, taxMinor };
    }),
  };
}

/** The tax that comes on top of the prices. */
export function taxOnTop(taxes: BasketTaxes | undefined): number {
  return taxes === undefined || taxes.pricesInclude ? 0 : taxes.lines.reduce((sum, line) => sum + (line?.taxMinor ?? 0), 0);
}

/** Throws `tax.category_missing` and `tax.rate_unknown` for the first line whose rate is not known. */
export function requireRates(lines: readonly Line[], { tax, today }: Pick<TaxingDay, 'tax' | 'today'>): void {
  for (const { sku, taxCategory, unavailable } of lines) {
    if (unavailable) continue;
    if (taxCategory === undefined) throw TaxFailure.categoryMissing(sku);
    rateOn(tax.rates, taxCategory, today);
  }
}

/** The taxes with the rates of a day alone, which is all that an order records. */
export function taxOn({ rates, ...rules }: TaxingDay['tax'], today: string): TaxingDay['tax'] {
  const categories = new Set(rates.filter(({ from }) => from <= today).map(({ category }) => category));
  return { ...rules, rates: [...categories].map((category) => ({ category, rate: rateOn(rates, category, today).percent, from: today })) };
}

function isKnown({ rates }: TaxingDay['tax'], category: string | undefined, today: string): boolean {
  return rates.some((rate) => rate.category === category && rate.from <= today);
}
