import { TOPICS } from '@aisle/contracts';
import type { EventHandler } from '@aisle/events';
import type { ProductsRepository } from './products.repository.ts';
import type { StockFollower } from './stock-follower.ts';

/** Hands the events of inventory and of the markets to those whom they concern. */
export class EventFollower {
  constructor(private readonly stock: StockFollower, private readonly products: ProductsRepository) {}

  /** Events of one partition. */
  readonly handle: EventHandler = async (received) => {
    const said = (topic: string) => received.filter((one) => one.topic === topic).map(({ event }) => event);
    await this.stock.inventorySaid(said(TOPICS.inventory));
    await this.stock.marketsSaid(said(TOPICS.markets));
    await this.products.marketsSaid(said(TOPICS.markets));
  };
}
