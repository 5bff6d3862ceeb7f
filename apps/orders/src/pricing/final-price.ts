import {
  choiceOf, measured, taxesOfLines, type Adjustment, type LineTax, type Money, type OrderLine, type OrderPricing, type PricedOrder, type StockLine,
} from '@aisle/contracts';
import { money, taxesOf, type Rounding, type Taxed } from '@aisle/pricing';
import { assert } from '@aisle/std';
import { orderPrice, type OrderPrice } from './order-price.ts';

/** The price of an order that is delivered in part, with its price when it was placed. */
export interface FinalPrice extends OrderPrice {
  readonly ordered: OrderPrice;
}

/** The taxes of an order, and the rounding of its market. */
type TaxedBy = { readonly [Field in 'tax' | 'rounding']?: OrderPricing[Field] | undefined };

/** The delivered units, by product; products without delivered units are omitted. */
export function deliveredOf(lines: readonly StockLine[], missing: readonly StockLine[]): StockLine[] {
  const gone = new Map(missing.map(({ sku, quantity }) => [sku, quantity]));
  return lines.map(({ sku, quantity }) => ({ sku, quantity: quantity - (gone.get(sku) ?? 0) })).filter(({ quantity }) => quantity > 0);
}

/**
 * The order's lines at the price of the delivered units. Without a rule that applied to the whole order, they may cost more
 * than the whole order did. Then the price is reduced to the ordered total, so that nobody pays more for less.
 */
export function finalPrice(
  ordered: OrderPrice, missing: readonly StockLine[], delivered: PricedOrder, { tax, rounding }: TaxedBy = {},
): FinalPrice {
  const { lines, adjustments, total } = capped(orderPrice(delivered), ordered.total, { tax, rounding });
  const bySku = new Map(lines.map((line) => [line.sku, line]));
  const wanted = deliveredOf(ordered.lines, missing);
  assert(
    bySku.size === lines.length && wanted.length === lines.length
      && wanted.every(({ sku, quantity }) => bySku.get(sku)?.quantity === quantity),
    'the priced lines are the delivered lines',
  );
  const supplied = ordered.lines.map((line) => lineWithout(line, bySku.get(line.sku)));
  const taxes = tax && taxesOfLines(supplied.flatMap((line) => line.tax ?? []), tax.pricesInclude, total.currency);
  return {
    ...orderPrice({
      lines: supplied, adjustments, total, taxes, ...(delivered.degraded ? { degraded: true } : {}),
    }),
    ordered,
  };
}

/** The ordered line at the price of its delivered units; at 0 if none is delivered. */
function lineWithout({ degraded: _degraded, ...line }: OrderLine, delivered: OrderLine | undefined): OrderLine {
  // The measure is that of the ordered quantity, as the quantity itself is.
  const choice = { ...choiceOf(line), ...measured(line.quantity, line.unit) };
  if (delivered?.quantity === line.quantity) return { ...delivered, ...choice };
  const missing = line.quantity - (delivered?.quantity ?? 0);
  const nothing = { amount: 0, currency: line.unitPrice.currency };
  return delivered
    ? { ...delivered, ...choice, missing }
    : {
      ...line, missing, gross: nothing, adjustments: [], net: nothing, share: nothing, total: nothing,
      ...(line.tax ? { tax: { ...line.tax, net: nothing, tax: nothing } } : {}),
    };
}

/**
 * Reduces the totals of the lines to a sum of at most `most`. A reduced total contains its tax, also where tax comes on top of prices, so
 * that the sum is met exactly.
 */
function capped(price: OrderPrice, most: Money, taxedBy: TaxedBy): OrderPrice {
  const above = most.amount - price.total.amount;
  if (above >= 0) return price;
  const parts = money.allocate(above, price.lines.map(({ total }) => total.amount));
  const lines = price.lines.map((line, index) => reduced(line, parts[index] as number, taxedBy));
  const amount = lines.reduce((sum, { share }, index) => sum + share.amount - (price.lines[index] as OrderLine).share.amount, 0);
  return { ...price, lines, adjustments: [...price.adjustments, neverAbove({ amount, currency: most.currency })], total: most };
}

function reduced(line: OrderLine, part: number, { tax, rounding = 'half-up' }: TaxedBy): OrderLine {
  const total = plus(line.total, part);
  if (!line.tax || !tax) return { ...line, share: plus(line.share, part), total };
  const contained = containedTax(line.tax, total, tax.target, rounding);
  const share = tax.pricesInclude ? plus(line.share, part) : plus(contained.net, -line.net.amount);
  return { ...line, share, tax: contained, total };
}

function containedTax({ category, rate }: LineTax, { amount: amountMinor, currency }: Money, target: 'net' | 'tax', rounding: Rounding): LineTax {
  const rules = { pricesInclude: true, level: 'line', target, rates: [{ category, rate, from: ANY_DAY }] } as const;
  const [{ netMinor, taxMinor }] = taxesOf([{ sku: '', openedAt: '', taxCategory: category, amountMinor }], rules, ANY_DAY, rounding) as [Taxed];
  return { category, rate, net: { amount: netMinor, currency }, tax: { amount: taxMinor, currency } };
}

const ANY_DAY = '2000-01-01';

function neverAbove(amount: Money): Adjustment {
  const code = 'never-above-order';
  return { code, amount, message: 'the delivered part costs no more than the whole order', strategy: code, version: '1.0.0' };
}

function plus({ amount, currency }: Money, more: number): Money {
  return { amount: amount + more, currency };
}
