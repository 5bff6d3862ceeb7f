import 'reflect-metadata';
import { DataSource } from 'typeorm';
import { OrderRow } from './order.row.ts';
import { OrdersRepository } from './orders.repository.ts';
import { StockRow } from './stock.row.ts';

/** The peer's repository in the caller's own process, so that no request is in between. */
export async function connectOrders(url: string): Promise<Pick<OrdersRepository, 'place'> & { end(): Promise<void> }> {
  const database = await new DataSource({
    type: 'postgres', url, entities: [OrderRow, StockRow], poolSize: 16, installExtensions: false,
  }).initialize();
  const orders = new OrdersRepository(database);
  return { place: (market, lines) => orders.place(market, lines), end: () => database.destroy() };
}
