// What is asked of a market's stock on behalf of orders and of time: each decides on a draft, and answers.
import type { ReserveReply, StockReply } from '@aisle/contracts';
import type { Action, Command } from '../market/command.ts';
import type { Draft } from '../market/draft.ts';
import { orderOf, type Market } from '../market/market.ts';
import { isExpired, withoutUnpromised, type Lot, type Product } from '../product/product.ts';
import { PRODUCT_DELETED, writtenOff, writtenOffAs } from './adjustment.ts';
import {
  committed, expired, fulfilled, released, reserveReply, reserved, stockReply, type OrderStock, type Step,
} from './order-stock.ts';
import { StockFailure } from './stock-failures.ts';

type Of<K extends Action['kind']> = Extract<Action, { kind: K }>;
type OrderAction = Of<'reserve' | 'commit' | 'release' | 'fulfil'>;

/** True when the order's standing can't be told from memory: it may have been closed and forgotten. */
export function wantsLookUp(market: Market, orderId: string): boolean {
  return market.orders.forgottenAt > 0 && orderOf(market, orderId) === undefined;
}

export function askedOrder(market: Market, command: Command, action: OrderAction, draft: Draft): ReserveReply | StockReply {
  const before = standingOf(market, command, action.order.orderId);
  const step = stepOf(before, action, draft, command);
  if (step) take(draft, before, step, command);
  const order = step?.order ?? (before as OrderStock);
  return action.kind === 'reserve' ? reserveReply(order) : stockReply(order);
}

/** Orders whose time is over get it said. Throws `StockFailure.nothingDue` when that is none of them. */
export function expire(market: Market, command: Command, { orderIds }: Of<'expire'>, draft: Draft): undefined {
  let due = 0;
  for (const orderId of orderIds) {
    const before = market.orders.open.get(orderId);
    const step = before && expired(before, draft.find, command.occasion.now);
    if (!step) continue;
    due += 1;
    take(draft, before, step, command);
  }
  if (due === 0) throw StockFailure.nothingDue();
}

/**
 * Lots past their day leave the books, as far as no order was promised them; what is promised is looked at once, so that the
 * orders are told which good units do not cover. Lots near their day are said once. Throws `StockFailure.nothingDue` when that is none.
 */
export function age(market: Market, command: Command, { lots }: Of<'age'>, draft: Draft): undefined {
  let due = 0;
  for (const { sku, lot } of lots) {
    const product = draft.find(sku);
    if (product && ageLot(market, command, product, lot, draft)) due += 1;
  }
  if (due === 0) throw StockFailure.nothingDue();
}

function ageLot(market: Market, { occasion }: Command, product: Product, name: string, draft: Draft): boolean {
  const { now: { today }, market: id } = occasion;
  const { sku, version } = product;
  if (product.details.deleted && product.onHand > product.reserved) {
    // Versions before this one left them in the books.
    const out = withoutUnpromised(product);
    draft.move({ ...out.product, version: version + 1 }, out.moved.map(writtenOffAs), { reason: PRODUCT_DELETED });
    return true;
  }
  const lot = product.lots.find((one) => one.lot === name);
  if (!lot || lot.quantity === 0 || lot.expiresOn === null) return false;
  if (isExpired(lot, today)) return lapse(product, lot, today, draft);
  if (lot.warned) return false;
  const days = (Date.parse(lot.expiresOn) - Date.parse(today)) / DAY_MS;
  if (days > (market.settings?.nearExpiryDays ?? 0)) return false;
  draft.put({ ...product, lots: product.lots.map((one) => (one === lot ? { ...lot, warned: true } : one)) });
  draft.signal({ type: 'LotNearExpiry', data: { market: id, sku, lot: name, quantity: lot.quantity, expiresOn: lot.expiresOn } });
  return true;
}

const DAY_MS = 24 * 60 * 60 * 1_000;

function lapse(product: Product, lot: Lot, today: string, draft: Draft): boolean {
  const out = writtenOff(product, lot.lot, today);
  const left = out?.product ?? product;
  const lots = left.lots.map((one) => (one.lot === lot.lot ? { ...one, warned: true, lapsed: true } : one));
  if (out) draft.move({ ...left, lots, version: product.version + 1 }, out.moved.map(writtenOffAs), { reason: 'expired' });
  else if (!lot.lapsed) draft.put({ ...left, lots });
  return out !== undefined || !lot.lapsed;
}

function stepOf(before: OrderStock | undefined, { kind, order }: OrderAction, { find }: Draft, { occasion: { now } }: Command): Step | undefined {
  switch (kind) {
    case 'reserve':
      return before ? undefined : reserved(order, find, now);
    case 'commit':
      return committed(before, order.orderId, find, now);
    case 'release':
      return released(before, order, find);
    case 'fulfil':
      return fulfilled(before, order.orderId, find, now);
  }
}

function take(draft: Draft, before: OrderStock | undefined, step: Step, { occasion: { market } }: Command): void {
  draft.step(step);
  const { id: orderId, standing, reason } = step.order;
  const hasExpired = before?.standing === 'reserved' && standing === 'released' && reason === 'expired';
  if (hasExpired) draft.signal({ type: 'ReservationExpired', data: { orderId, market } });
}

/** How the order stands, by memory or by its row; see `Orders`. Throws `StockFailure.orderForgotten`. */
function standingOf(market: Market, { known }: Command, orderId: string): OrderStock | undefined {
  const order = orderOf(market, orderId);
  if (order || market.orders.forgottenAt === 0) return order;
  if (!known || known.revision < market.orders.forgottenAt) throw StockFailure.orderForgotten();
  return known.order;
}
