import { failures } from '@aisle/std';

/** Failures of the stock of a product. */
export const StockFailure = failures('stock', {
  /** The rest is promised to orders, or there is no more. */
  insufficient: [
    'rejected', 'there is not so much that is not promised to an order',
    (sku: string, onHand: number, reserved: number) => ({ sku, onHand, reserved }),
  ],
  /** The change would take good units that are promised to orders, or make them expire. */
  promised: [
    'rejected', 'it would leave fewer good units than orders were promised; put others in first, or cancel orders',
    (sku: string, { good, left, reserved }: { good: number; left: number; reserved: number }) => ({ sku, good, left, reserved }),
  ],
  quantityChanged: [
    'conflict', 'the stock is not what the caller expected; read it again',
    (sku: string, expectedQuantity: number, quantity: number) => ({ sku, expectedQuantity, quantity }),
  ],
  /** Units that the order was promised have expired. It can be fulfilled once others come in. */
  expired: [
    'rejected', 'not so many units are left that have not expired',
    (sku: string, quantity: number, good: number) => ({ sku, quantity, good }),
  ],
  tooMuch: ['rejected', 'a product has no more units than that', (unitsMax: number) => ({ unitsMax })],
  lotsFull: ['rejected', 'the product has no room for another lot', (lotsMax: number) => ({ lotsMax })],
  lotMissing: ['missing', 'the product has no such lot', (lot: string) => ({ lot })],
  /** A lot has one date. */
  lotDated: ['conflict', 'the lot is there already, with another date', (lot: string, expiresOn: string | null) => ({ lot, expiresOn })],
  /** Nothing was reserved for the order. */
  orderUnknown: ['missing', 'the market has no stock of that order', (orderId: string) => ({ orderId })],
  /** Never leaves this process: the order is no longer in memory, so it is looked up. */
  orderForgotten: ['unavailable', 'the order has to be looked up', () => ({ retryAfterMs: 0 })],
  /** Never leaves this process: the search for due work goes on. */
  nothingDue: ['conflict', 'nothing of it is due any more'],
});
