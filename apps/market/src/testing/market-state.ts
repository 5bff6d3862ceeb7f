import { systemRuntime, uuidv7 } from '@aisle/std';
import type { Market } from '../market/market.ts';

/** The state of a market in its rows. */
export function seen({ settings, revision, products, orders }: Market) {
  const all = [...orders.open.values(), ...orders.closed.values(), ...orders.closedBefore.values()];
  return {
    settings, revision,
    products: [...products.values()].sort((one, other) => (one.sku < other.sku ? -1 : 1)),
    orders: all.sort((one, other) => (one.id < other.id ? -1 : 1)),
  };
}

/** The address of a market that does not exist yet. */
export function newMarket(): { tenant: string; market: string } {
  return { tenant: 'default', market: `Bob's list ${uuidv7(systemRuntime)}` };
}
