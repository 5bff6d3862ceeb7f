const page = { limit: 50, cursor: 'c' };
const line = { sku: 'GR1', quantity: 2 };
const gbp = (amount: number) => ({ amount, currency: 'GBP' });
const orderLine = {
  sku: 'GR1', name: 'Green tea', quantity: 2, unitPrice: gbp(311), gross: gbp(622), adjustments: [], net: gbp(622), share: gbp(0), total: gbp(622),
};
const pricing = { at: '2031-01-31T12:00:00.000Z', rules: 3, rounding: 'half-up', canaryKey: 'anna' };
const product = { name: 'Green tea', category: 'tea', price: gbp(311), quantity: 9, expiresOn: '2031-01-31' };
const operations = [{ op: 'add', ...line }, { op: 'set', ...line }, { op: 'remove', sku: 'GR1' }, { op: 'clear' }];

/** A valid body of each message that has one, by message type. */
export const BODIES: Readonly<Record<string, object>> = {
  'basket.open': { ifMatch: 'any' },
  'basket.visit': { opening: 3 },
  'basket.change': { operations, ifMatch: 3, ifNoneMatch: [4, 5] },
  'basket.journal': { afterVersion: 0, limit: 50 },
  'basket.merge': { into: 'bob', mode: 'sum' },
  'basket.absorb': { from: 'anna', mode: 'max', lines: [line], ifMatch: 2 },
  'basket.checkout': { total: gbp(622) },
  'basket.restore': { orderId: 'o1', reason: 'timeout', lines: [line], missing: [line] },
  'basket.quote': { items: ['GR1', line], canaryKey: 'anna' },
  'basket.price': { lines: [line], asOf: { pricing, products: [{ sku: 'GR1', name: 'Green tea', unitPriceMinor: 311 }] } },
  'market.list': page,
  'market.configure': { edit: { currency: 'GBP', thresholds: { lowStock: 5 } }, ifMatch: 1 },
  'product.list': { ...page, category: 'tea' },
  'product.read': { sku: 'GR1' },
  'product.scan': { code: '4011' },
  'product.create': { sku: 'GR1', product },
  'product.replace': { sku: 'GR1', product, ifMatch: 'any' },
  'product.change': { sku: 'GR1', change: { price: gbp(300) } },
  'product.delete': { sku: 'GR1' },
  'product.import': { lines: [{ line: 1, sku: 'GR1', ...product }] },
  'stock.reserve': { orderId: 'o1', lines: [line], expiresAt: '2031-01-31T12:00:00.000Z', allowPartial: true },
  'stock.commit': { orderId: 'o1' },
  'stock.release': { orderId: 'o1', reason: 'cancelled' },
  'stock.fulfil': { orderId: 'o1' },
  'stock.read': { sku: 'GR1' },
  'stock.adjust': { sku: 'GR1', adjustment: { delta: 5, reason: 'delivery', kind: 'received', lot: 'a' } },
  'stock.movements': { ...page, sku: 'GR1' },
  'stock.alerts': page,
  'stock.reservations': { ...page, standing: 'reserved' },
  'stock.expire': { orderIds: ['o1'] },
  'stock.age': { lots: [{ sku: 'GR1', lot: 'a' }] },
  'order.place': { basket: 'anna', lines: [orderLine], adjustments: [], total: gbp(622), pricing },
  'order.create': { market: 'm1', lines: [line], allowPartial: false },
  'order.list': { ...page, market: 'm1', status: 'PENDING', atRisk: false },
  'strategy.configure': { name: 'ten-off', version: '1', use: 'fixed-off@1', params: { amountMinor: 10 } },
  'strategy.roll-out': { rollout: { state: 'canary', version: '1', percent: 5 }, ifMatch: 2 },
  'strategy.roll-back': { ifMatch: 2 },
  'strategy.remove': { version: '1' },
  'sandbox.load': { source: 'export const meta = {};' },
  'sandbox.validate': { version: '1' },
  'sandbox.simulate': { market: 'm1', baskets: [{ items: ['GR1'] }], version: '1' },
  'consumer.list': page,
  'consumer.send': { body: { any: ['thing'] } },
  'consumer.read': page,
  'pipeline.configure': { rate: 10, faults: [{ kind: 'crash', at: 'consumer', probability: 0.5, seed: 1 }] },
  'pipeline.watch': { after: 3 },
  'pipeline.list': page,
  'pipeline.redrive': { ids: [1] },
};
