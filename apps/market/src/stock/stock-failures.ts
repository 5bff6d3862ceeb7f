import { failures } from '@aisle/std';

/** Failures of the stock of a product. */
export const StockFailure = failures('stock', {
  /** The rest is promised to orders, or there is no more. */
  insufficient: [
    'rejected', 'the product has too few units that are not reserved for orders',
    (sku: string, onHand: number, reserved: number) => ({ sku, onHand, reserved }),
  ],
  /** The change would take good units that are promised to orders, or make them expire. */
  promised: [
    'rejected', 'fewer good units would be left than are promised to orders; add others first, or cancel orders',
    (sku: string, { good, left, reserved }: { good: number; left: number; reserved: number }) => ({ sku, good, left, reserved }),
  ],
  quantityChanged: [
    'conflict', 'the stock is not what the caller expected; read it again',
    (sku: string, expectedQuantity: number, quantity: number) => ({ sku, expectedQuantity, quantity }),
  ],
  /** Units that the order was promised have expired. It can be fulfilled once others come in. */
  expired: [
    'rejected', 'the product has too few unexpired units',
    (sku: string, quantity: number, good: number) => ({ sku, quantity, good }),
  ],
  tooMuch: ['rejected', 'a product cannot have so many units', (unitsMax: number) => ({ unitsMax })],
  lotsFull: ['rejected', 'the product has no room for another lot', (lotsMax: number) => ({ lotsMax })],
  lotMissing: ['missing', 'the product has no such lot', (lot: string) => ({ lot })],
  /** A lot has one date. */
  lotDated: ['conflict', 'the lot exists already with another date', (lot: string, expiresOn: string | null) => ({ lot, expiresOn })],
  /** Nothing was reserved for the order. */
  orderUnknown: ['missing', 'the market has no stock for this order', (orderId: string) => ({ orderId })],
  /** Never leaves this process: the order is no longer in memory, so it is looked up. */
  orderForgotten: ['unavailable', 'the order has to be looked up', () => ({ retryAfterMs: 0 })],
  /** Never leaves this process: the search for due work goes on. */
  nothingDue: ['conflict', 'nothing is due any more'],
});
