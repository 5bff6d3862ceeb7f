import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { OrderRow } from './order.row.ts';
import { StockRow } from './stock.row.ts';

@Injectable()
export class OrdersRepository {
  constructor(@InjectDataSource() private readonly database: DataSource) {}

  /** One transaction per order. The condition of the update decides by the stock. */
  place(market: string, lines: readonly { sku: string; quantity: number }[]): Promise<OrderRow> {
    return this.database.transaction(async (tx) => {
      let taken = true;
      for (const { sku, quantity } of lines) {
        const { affected } = await tx
          .createQueryBuilder()
          .update(StockRow)
          .set({ quantity: () => `quantity - ${quantity}` })
          .where('sku = :sku AND quantity >= :quantity', { sku, quantity })
          .execute();
        taken &&= affected === 1;
      }
      const order: OrderRow = {
        id: randomUUID(), market, lines, status: taken ? 'CONFIRMED' : 'REJECTED', createdAt: new Date(),
      };
      await tx.insert(OrderRow, order);
      return order;
    });
  }
}
