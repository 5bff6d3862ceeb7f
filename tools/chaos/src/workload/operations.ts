import type { BasketOperation } from '@aisle/simulation';
import type { Random } from '@aisle/std';
import type { ShopRequest } from './shop-http.ts';

export const MARKET = 'm1';
const SKUS = ['GR1', 'SR1', 'CF1', 'P0001', 'P0002', 'P0003', 'P0004', 'P0005'];

/** A shopper's next operation: a third are reads, and most others are adds. */
export function drawOperation(random: Random): BasketOperation {
  const sku = SKUS[random.int(SKUS.length)] as string;
  const drawn = random.next();
  if (drawn < 0.35) return { op: 'read' };
  if (drawn < 0.8) return { op: 'add', sku, quantity: 1 + random.int(3) };
  if (drawn < 0.9) return { op: 'set', sku, quantity: random.int(6) };
  return { op: 'remove', sku };
}

/** The HTTP request of an operation. */
export function requestOf(basket: string, operation: BasketOperation, key?: string): ShopRequest {
  const path = `/v1/markets/${MARKET}/baskets/${basket}`;
  switch (operation.op) {
    case 'read': return { method: 'GET', path };
    case 'add': {
      const { sku, quantity } = operation;
      return { method: 'POST', path: `${path}/lines`, key, body: { sku, quantity } };
    }
    case 'set': {
      const { sku, quantity } = operation;
      return { method: 'PUT', path: `${path}/lines/${sku}`, key, body: { quantity } };
    }
    case 'remove': return { method: 'DELETE', path: `${path}/lines/${operation.sku}`, key };
  }
}
