import { TOPICS } from '@aisle/contracts';
import type { EventHandler } from '@aisle/events';
import type { ProductsRepository } from './products.repository.ts';
import type { StockFollower } from './stock-follower.ts';

/** The topics that orders listen to. */
export const FOLLOWED = [TOPICS.inventory, TOPICS.markets];

/** Hands the events of a partition to those whom they concern. */
export function followEvents(
  follower: Pick<StockFollower, 'inventorySaid' | 'marketsSaid'>, products: Pick<ProductsRepository, 'marketsSaid'>,
): EventHandler {
  return async (received) => {
    const said = (topic: string) => received.filter((one) => one.topic === topic).map(({ event }) => event);
    await follower.inventorySaid(said(TOPICS.inventory));
    await follower.marketsSaid(said(TOPICS.markets));
    await products.marketsSaid(said(TOPICS.markets));
  };
}
