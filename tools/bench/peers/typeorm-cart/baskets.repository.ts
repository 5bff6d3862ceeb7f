import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { QueryDeepPartialEntity } from 'typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { BasketRow } from './basket.row.ts';
import { priced } from './prices.ts';

@Injectable()
export class BasketsRepository {
  constructor(@InjectDataSource() private readonly database: DataSource) {}

  find(market: string, id: string): Promise<BasketRow | null> {
    return this.database.manager.findOneBy(BasketRow, { market, id });
  }

  /** The row lock orders concurrent adds to one basket, so that none is lost. */
  add(market: string, id: string, sku: string, quantity: number): Promise<BasketRow> {
    return this.database.transaction(async (tx) => {
      const basket = (await locked(tx, market, id)) ?? (await created(tx, market, id));
      const held = basket.lines.find((line) => line.sku === sku)?.quantity ?? 0;
      const line = priced(sku, held + quantity);
      basket.lines = [...basket.lines.filter((other) => other.sku !== sku), line];
      basket.totalMinor = basket.lines.reduce((sum, { netMinor }) => sum + netMinor, 0);
      basket.version += 1;
      basket.updatedAt = new Date();
      await tx.update(BasketRow, { market, id }, basket as QueryDeepPartialEntity<BasketRow>);
      return basket;
    });
  }
}

function locked(tx: EntityManager, market: string, id: string): Promise<BasketRow | null> {
  return tx.findOne(BasketRow, { where: { market, id }, lock: { mode: 'pessimistic_write' } });
}

async function created(tx: EntityManager, market: string, id: string): Promise<BasketRow> {
  const empty = { market, id, lines: [], totalMinor: 0, version: 0, updatedAt: new Date() };
  await tx.createQueryBuilder().insert().into(BasketRow).values(empty).orIgnore().execute();
  const basket = await locked(tx, market, id);
  if (!basket) throw new Error('the new basket is missing');
  return basket;
}
