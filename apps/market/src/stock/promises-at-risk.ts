// Orders that good units do not cover, pure. Units are not set aside for an order: they leave first expired first out, for
// whichever order is fulfilled next. So the risk is assessed per product, over all orders with promised units of it.
import { goodOf, type Product } from '../product/product.ts';
import { holdsStock, type OrderStock } from './order-stock.ts';

/** An order whose risk changed for one product, in its new state. */
export interface RiskChange {
  readonly order: OrderStock;
  readonly atRisk: boolean;
}

/**
 * Assesses the promises of one product. Good units are dealt out in the order of the promises. An order that needs more than
 * the remaining units is at risk, and takes none of them from later, smaller orders. So all orders that are not at risk can
 * be fulfilled. Returns the orders whose risk changed, earliest promise first.
 */
export function assessed(product: Product, orders: Iterable<OrderStock>, today: string): RiskChange[] {
  const { sku } = product;
  const promised: { order: OrderStock; units: number }[] = [];
  for (const order of orders) {
    if (!holdsStock(order)) continue;
    const units = order.lines.find((line) => line.sku === sku)?.quantity;
    if (units !== undefined) promised.push({ order, units });
  }
  promised.sort(byPromise);

  let good = goodOf(product, today);
  const changes: RiskChange[] = [];
  for (const { order, units } of promised) {
    const atRisk = units > good;
    if (!atRisk) good -= units;
    const { atRisk: before = [] } = order;
    if (before.includes(sku) === atRisk) continue;
    changes.push({ order: withRisk(order, atRisk ? [...before, sku].sort() : before.filter((one) => one !== sku)), atRisk });
  }
  return changes;
}

// A reservation ends a fixed time after its order was placed, so the earlier end belongs to the earlier order.
function byPromise({ order: one }: { order: OrderStock }, { order: other }: { order: OrderStock }): number {
  return one.expiresAtMs - other.expiresAtMs || (one.id < other.id ? -1 : 1);
}

function withRisk({ atRisk: _before, ...order }: OrderStock, atRisk: readonly string[]): OrderStock {
  return atRisk.length === 0 ? order : { ...order, atRisk };
}
