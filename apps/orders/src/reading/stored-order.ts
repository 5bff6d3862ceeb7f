import {
  choiceOf, measured, taxesOfLines, type Adjustment, type Extras, type Money, type OrderLine, type OrderPricing, type OrderReason, type OrderStatus, type StockLine,
} from '@aisle/contracts';
import type { OrderAddress } from '../order/change-set.ts';
import type { OrderPrice } from '../pricing/order-price.ts';
import { unrecordedPrice } from '../pricing/unrecorded.ts';
import type { LineFacts } from '../rows/line-amounts.ts';

/** An order with its lines, from its rows. */
export interface StoredOrder extends OrderAddress {
  readonly market: string;
  readonly basket: string | null;
  /** The version of the basket at which its opening began; null if there is no basket, or for an older order. */
  readonly opening: number | null;
  readonly status: OrderStatus;
  readonly reason: OrderReason | null;
  readonly createdAt: Date;
  readonly atRisk: readonly string[];
  /** The present price. */
  readonly price: OrderPrice;
  /** The price when it was placed, if it differs from the present one. */
  readonly ordered: OrderPrice | null;
  /** The rules and the instant of its prices; null for an order from before they were recorded. */
  readonly pricing: OrderPricing | null;
  /** The units without stock; null until they are known. */
  readonly missing: readonly StockLine[] | null;
}

/** An order as the database returns it. Amounts are minor units; PostgreSQL's bigint arrives as text, except within JSON. */
export interface RawOrder extends Omit<StoredOrder, 'price'> {
  readonly currency: string;
  readonly total: string;
  readonly adjustments: readonly Adjustment[] | null;
  readonly degraded: boolean;
  readonly lines: readonly RawLine[];
}

interface RawLine {
  readonly sku: string;
  readonly name: string;
  readonly category: string | null;
  readonly quantity: number;
  readonly extras: Extras | null;
  readonly facts: LineFacts | null;
  readonly missing: number;
  readonly unitPrice: number;
  readonly gross: number | null;
  readonly adjustments: OrderLine['adjustments'] | null;
  readonly net: number;
  readonly share: number | null;
  readonly degraded: boolean;
}

export function storedOrder({ currency, total, adjustments, degraded, lines, ...order }: RawOrder): StoredOrder {
  const sum = { amount: Number(total), currency };
  const price = adjustments === null
    ? unrecordedPrice(lines.map((line) => ({ ...line, unitPriceMinor: line.unitPrice, netMinor: line.net })), sum)
    : { ...taxed(lines, order.pricing, currency), adjustments, total: sum, ...(degraded ? { degraded } : {}) };
  const gone = lines.flatMap(({ sku, missing: quantity }) => (quantity > 0 ? [{ sku, quantity }] : []));
  return { ...order, price, missing: order.missing ?? (gone.length > 0 ? gone : null) };
}

function taxed(raw: readonly RawLine[], pricing: OrderPricing | null, currency: string): Pick<OrderPrice, 'lines' | 'taxes'> {
  const isOnTop = pricing?.tax?.pricesInclude === false;
  const lines = raw.map((line) => orderLine(line, currency, isOnTop));
  const taxes = lines.flatMap(({ tax }) => tax ?? []);
  return { lines, ...(taxes.length === 0 ? {} : { taxes: taxesOfLines(taxes, !isOnTop, currency) }) };
}

function orderLine(
  { sku, name, category, quantity, extras, facts, missing, unitPrice, gross, adjustments, net, share, degraded }: RawLine, currency: string, isTaxOnTop: boolean,
): OrderLine {
  const tax = facts?.tax;
  const amountOf = (amount: number | null): Money => ({ amount: amount ?? 0, currency });
  return {
    sku, name, ...(category === null ? {} : { category }), ...choiceOf({ quantity, ...extras }),
    ...measured(quantity, facts?.unit), ...(missing > 0 ? { missing } : {}),
    unitPrice: amountOf(unitPrice), gross: amountOf(gross), adjustments: [...(adjustments ?? [])], net: amountOf(net),
    share: amountOf(share), ...(tax ? { tax } : {}), total: amountOf(net + (share ?? 0) + (tax && isTaxOnTop ? tax.tax.amount : 0)), ...(degraded ? { degraded } : {}),
  };
}
