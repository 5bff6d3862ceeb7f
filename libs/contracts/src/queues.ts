/** The queue for a message, by the first part of its type: of a manager, which routes or answers it, or of the app itself. */
const QUEUES: Readonly<Record<string, string>> = {
  basket: 'basket-manager',
  sandbox: 'basket-manager',
  strategy: 'strategy-manager',
  market: 'market-manager',
  product: 'market-manager',
  stock: 'market-manager',
  order: 'orders',
  inventory: 'inventory',
  consumer: 'producer-consumer',
  pipeline: 'producer-consumer',
};

/** The broker's queue for messages of a type such as `basket.change`; undefined for a type of nobody's. */
export function queueOf(type: string): string | undefined {
  return QUEUES[type.slice(0, type.indexOf('.'))];
}
