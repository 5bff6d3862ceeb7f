import { fitsFormat, type Gs1Element } from './application-identifier.ts';
import { BarcodeFailure } from './barcode-failures.ts';
import { gtinOf } from './gtin.ts';
import type { UnitCode } from '../product/unit.ts';
import type { DecimalNumber } from './label-pattern.ts';

/** The facts that a GS1 code says about a trade item. Dates are calendar dates. */
export interface TradeItem {
  readonly gtin: string;
  readonly lot?: string;
  readonly serial?: string;
  readonly expiresOn?: string;
  readonly bestBefore?: string;
  readonly sellBy?: string;
  readonly measure?: TradeMeasure;
  readonly count?: number;
  readonly price?: TradePrice;
}

/** A measure in a unit of UN/CEFACT. */
export interface TradeMeasure extends DecimalNumber {
  readonly unit: UnitCode;
}

/** The price of the whole item, with the numeric ISO 4217 code of its currency if the label has it. */
export interface TradePrice extends DecimalNumber {
  readonly currencyNumber?: string;
}

// Net measures of trade items (GS1 GenSpecs 3.6.2 and 3.6.3), by the first three digits of the identifier.
const MEASURES: Readonly<Record<string, UnitCode>> = {
  310: 'KGM', 311: 'MTR', 314: 'MTK', 315: 'LTR', 316: 'MTQ', 320: 'LBR', 321: 'INH', 322: 'FOT', 323: 'YRD', 351: 'FTK', 357: 'ONZ', 360: 'QTL', 361: 'GLL',
};

/**
 * The trade item of a code's elements. `today` decides the century of its dates. Identifiers that are not about a sale are skipped.
 * Throws `barcode.unreadable` and `barcode.check_digit`.
 */
export function tradeItemOf(code: string, elements: readonly Gs1Element[], today: string): TradeItem {
  const values = valuesOf(code, elements);
  const date = (ai: string): string | undefined => optional(values.get(ai), (value) => dateOf(code, value, today));
  const gtin = values.get('01') ?? values.get('02');
  if (gtin === undefined) throw BarcodeFailure.unreadable(code, 'the code has no GTIN: no (01)');
  return withoutUndefined({
    gtin: gtinOf(gtin),
    lot: values.get('10'),
    serial: values.get('21'),
    expiresOn: date('17') ?? optional(values.get('7003'), (value) => dateOf(code, value.slice(0, 6), today)),
    bestBefore: date('15'),
    sellBy: date('16'),
    measure: measureOf(elements),
    count: optional(values.get('30') ?? values.get('37'), Number),
    price: priceOf(elements),
  });
}

function valuesOf(code: string, elements: readonly Gs1Element[]): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const element of elements) {
    const { ai, value } = element;
    if (!fitsFormat(element)) throw BarcodeFailure.unreadable(code, `(${ai}) cannot have the value ${JSON.stringify(value)}`);
    // The same element twice is harmless. Two values of it contradict each other.
    if ((values.get(ai) ?? value) !== value) throw BarcodeFailure.unreadable(code, `(${ai}) has two values`);
    values.set(ai, value);
  }
  return values;
}

function measureOf(elements: readonly Gs1Element[]): TradeMeasure | undefined {
  const found = elements.find(({ ai }) => ai.length === 4 && MEASURES[ai.slice(0, 3)] !== undefined);
  return found && { digits: Number(found.value), decimals: Number(found.ai[3]), unit: MEASURES[found.ai.slice(0, 3)] as UnitCode };
}

function priceOf(elements: readonly Gs1Element[]): TradePrice | undefined {
  const found = elements.find(({ ai }) => ai.startsWith('392') || ai.startsWith('393'));
  if (!found) return undefined;
  const decimals = Number(found.ai[3]);
  return found.ai.startsWith('392')
    ? { digits: Number(found.value), decimals }
    : { digits: Number(found.value.slice(3)), decimals, currencyNumber: found.value.slice(0, 3) };
}

/** A date YYMMDD within 50 years of today (GS1 GenSpecs 7.12). Day 00 is the last day of the month. */
function dateOf(code: string, value: string, today: string): string {
  const [shortYear, month, day] = [0, 2, 4].map((at) => Number(value.slice(at, at + 2))) as [number, number, number];
  const year = Number(today.slice(0, 4));
  const distance = shortYear - (year % 100);
  const century = Math.floor(year / 100) + (distance >= 51 ? -1 : distance <= -50 ? 1 : 0);
  const full = century * 100 + shortYear;
  const last = new Date(Date.UTC(full, month, 0)).getUTCDate();
  if (month < 1 || month > 12 || day > last) throw BarcodeFailure.unreadable(code, `${value} is no date YYMMDD`);
  return `${String(full).padStart(4, '0')}-${value.slice(2, 4)}-${String(day || last).padStart(2, '0')}`;
}

function optional<T>(value: string | undefined, read: (value: string) => T): T | undefined {
  return value === undefined ? undefined : read(value);
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

function withoutUndefined<T extends object>(facts: T): Defined<T> {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)) as Defined<T>;
}
