/** Who takes a message, by the first part of its type: a manager that routes it to its actor, or who answers it. */
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
