import type { BasketCondition, CheckedOut, CheckoutReply, Money, PlaceOrder } from '@aisle/contracts';
import { assert, uuidv7, type Runtime } from '@aisle/std';
import type { OrderPrice, CheckoutOrder } from '../basket/basket.ts';
import type { BasketAddress, Baskets } from '../basket/baskets.ts';
import type { Market } from '../catalogue/catalogue.ts';
import type { PriceReport } from '../pricing/price-report.ts';
import type { Prices } from '../pricing/prices.ts';
import { soldBasket } from '../pricing/sold-basket.ts';
import { pricingOf } from '../quote/order-prices.ts';
import { orderView } from '../quote/order-view.ts';
import type { PlacedOrderIds } from './placed-order-ids.ts';
import type { OrderPlacer } from './order-placer.ts';

/** The parts that checkouts use. */
export interface CheckoutsOptions {
  readonly baskets: Pick<Baskets, 'change'>;
  readonly prices: Prices;
  readonly place: OrderPlacer;
  /** Remembers each order that was placed. */
  readonly placed: Pick<PlacedOrderIds, 'add'>;
  readonly runtime: Runtime;
  /** Receives each sold basket once. */
  readonly report?: Pick<PriceReport, 'sold'> | undefined;
}

/** The command of a checkout, its principal, and the deadline of its caller in milliseconds since 1970. */
export interface CheckoutCall extends BasketCondition {
  readonly id: string;
  readonly by?: string | undefined;
  readonly total?: Money | undefined;
  readonly deadlineMs: number;
  readonly traceparent: string;
}

/**
 * Makes an order of a basket. One event empties the basket and records the order with its lines and prices. Then the app
 * `orders` places it. A retry under the same command id finds the same order, and places it again without effect. So an
 * answer always means that the order can be read.
 */
export class Checkouts {
  constructor(private readonly options: CheckoutsOptions) {}

  /**
   * Checks a basket out. Throws the basket's refusals, and `unavailable` or `unknown` while `orders` does not answer. The
   * basket is then empty already, and a retry or `UnplacedCheckouts` will place the order.
   */
  async checkOut(basket: BasketAddress, call: CheckoutCall): Promise<CheckoutReply> {
    const { baskets, prices, place, placed, runtime, report } = this.options;
    const pricer = prices.at(basket, basket.basket, 'checkout');
    const { version, replayed, order } = await baskets.change(basket, {
      id: call.id, by: call.by, operations: [], opens: false, ifMatch: call.ifMatch, ifNoneMatch: call.ifNoneMatch, opening: call.opening, pricer,
      step: { kind: 'checkout', orderId: uuidv7(runtime), total: call.total },
    });
    assert(order !== undefined, 'a checkout leaves an order');
    if (!replayed) report?.sold(soldBasket(order, pricer.market, basket.basket));
    const { currency } = pricer.market;
    const { orderId } = order;
    const { tenant, market } = basket;
    const { by, deadlineMs, traceparent } = call;
    await place({ tenant, market, orderId, by, deadlineMs, traceparent }, orderOf(basket.basket, pricer.market, order));
    placed.add(orderId);
    const json = JSON.stringify(checkedOutView(basket, currency, order));
    return { json, version, orderId, ...(replayed ? { replayed } : {}) };
  }
}

/** The order of a checkout in the form that `orders` accepts. */
export function orderOf(basket: string, market: Market, order: OrderPrice & Pick<CheckoutOrder, 'opening'>): PlaceOrder {
  return { basket, opening: order.opening, ...orderView(order, market.currency), pricing: pricingOf(order, market, basket) };
}

function checkedOutView({ market, basket }: BasketAddress, currency: string, order: CheckoutOrder): CheckedOut {
  const { lines, adjustments, total, taxes, degraded } = orderView(order, currency);
  return {
    orderId: order.orderId, market, basket, lines: [...lines], adjustments: [...adjustments], total,
    ...(taxes ? { taxes } : {}), ...(degraded ? { degraded } : {}), at: new Date(order.atMs).toISOString(),
  };
}
