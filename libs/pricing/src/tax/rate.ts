import { PricingFailure } from '../failures.ts';
import { TaxFailure } from './tax-failures.ts';

/** The tax rate of a category from a day of the market's calendar on. */
export interface DatedTaxRate {
  readonly category: string;
  /** A percentage as a decimal text, such as `8.875`. */
  readonly rate: string;
  /** `YYYY-MM-DD`. */
  readonly from: string;
}

/** An exact rate: the tax of a net amount is net × `numerator` / `denominator`. */
export interface TaxRate {
  /** The percentage in its shortest form: `20.0` is `20`. */
  readonly percent: string;
  readonly numerator: number;
  readonly denominator: number;
}

const DECIMAL = /^(0|[1-9][0-9]{0,2})(?:\.([0-9]{1,6}))?$/;

/** The rate of a category on a day: the latest that has begun. Throws `tax.rate_unknown` if there is none. */
export function rateOn(rates: readonly DatedTaxRate[], category: string, date: string): TaxRate {
  const begun = rates.filter((rate) => rate.category === category && rate.from <= date);
  const [first, ...others] = begun;
  if (!first) throw TaxFailure.rateUnknown(category, date);
  return readRate(others.reduce((latest, rate) => (rate.from > latest.from ? rate : latest), first).rate);
}

/** Reads a percentage. Throws `pricing.input` if it is no decimal of at most 6 places. */
export function readRate(percent: string): TaxRate {
  const parts = DECIMAL.exec(percent);
  if (!parts) throw PricingFailure.input('rate', 'a percentage as a text, such as "20" or "8.875"');
  const [, whole = '', decimals = ''] = parts;
  const places = decimals.replace(/0+$/, '');
  return {
    percent: places === '' ? whole : `${whole}.${places}`,
    numerator: Number(whole + places),
    denominator: 100 * 10 ** places.length,
  };
}
