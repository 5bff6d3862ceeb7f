import { choiceOf, measured, type Adjustment, type Money, type OrderLine, type PricedOrder, type StockLine } from '@aisle/contracts';
import { money } from '@aisle/pricing';
import { assert } from '@aisle/std';
import { orderPrice, type OrderPrice } from './order-price.ts';

/** The price of an order that is delivered in part, with its price when it was placed. */
export interface FinalPrice extends OrderPrice {
  readonly ordered: OrderPrice;
}

/** The delivered units, by product; products without delivered units are omitted. */
export function deliveredOf(lines: readonly StockLine[], missing: readonly StockLine[]): StockLine[] {
  const gone = new Map(missing.map(({ sku, quantity }) => [sku, quantity]));
  return lines.map(({ sku, quantity }) => ({ sku, quantity: quantity - (gone.get(sku) ?? 0) })).filter(({ quantity }) => quantity > 0);
}

/**
 * The order's lines at the price of the delivered units. Without a rule that applied to the whole order, they may cost more
 * than the whole order did. Then the price is reduced to the ordered total, so that nobody pays more for less.
 */
export function finalPrice(ordered: OrderPrice, missing: readonly StockLine[], delivered: PricedOrder): FinalPrice {
  const { lines, adjustments, total } = capped(orderPrice(delivered), ordered.total);
  const bySku = new Map(lines.map((line) => [line.sku, line]));
  const wanted = deliveredOf(ordered.lines, missing);
  assert(
    bySku.size === lines.length && wanted.length === lines.length
      && wanted.every(({ sku, quantity }) => bySku.get(sku)?.quantity === quantity),
    'the priced lines are the delivered lines',
  );
  return {
    ...orderPrice({
      lines: ordered.lines.map((line) => lineWithout(line, bySku.get(line.sku))),
      adjustments, total, ...(delivered.degraded ? { degraded: true } : {}),
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
    : { ...line, missing, gross: nothing, adjustments: [], net: nothing, share: nothing, total: nothing };
}

function capped(price: OrderPrice, most: Money): OrderPrice {
  const amount = most.amount - price.total.amount;
  if (amount >= 0) return price;
  const parts = money.allocate(amount, price.lines.map(({ total }) => total.amount));
  const lines = price.lines.map((line, index) => ({
    ...line, share: plus(line.share, parts[index] as number), total: plus(line.total, parts[index] as number),
  }));
  return { ...price, lines, adjustments: [...price.adjustments, neverAbove({ amount, currency: most.currency })], total: most };
}

function neverAbove(amount: Money): Adjustment {
  const code = 'never-above-order';
  return { code, amount, message: 'the delivered part costs no more than the whole order', strategy: code, version: '1.0.0' };
}

function plus({ amount, currency }: Money, more: number): Money {
  return { amount: amount + more, currency };
}
