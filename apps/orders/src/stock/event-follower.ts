import { TOPICS } from '@aisle/contracts';
import type { EventHandler } from '@aisle/events';
import type { ProductsRepository } from './products.repository.ts';
import type { StockFollower } from './stock-follower.ts';

/** Dispatches the events of inventory and of markets. */
export class EventFollower {
  constructor(private readonly stock: StockFollower, private readonly products: ProductsRepository) {}

  /** Handles the events of one partition. */
  readonly handle: EventHandler = async (received) => {
    const eventsOf = (topic: string) => received.filter((one) => one.topic === topic).map(({ event }) => event);
    await this.stock.onInventoryEvents(eventsOf(TOPICS.inventory));
    await this.stock.onMarketEvents(eventsOf(TOPICS.markets));
    await this.products.onMarketEvents(eventsOf(TOPICS.markets));
  };
}
