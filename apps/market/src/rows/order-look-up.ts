import type { Runtime } from '@aisle/std';
import type { Known } from '../market/command.ts';
import type { MarketId, MarketRows } from './market-rows.repository.ts';

interface Asked {
  readonly id: MarketId;
  readonly orders: Map<string, { readonly found: (known: Known) => void; readonly failed: (error: unknown) => void }[]>;
}

/** Looks orders up in the rows: what is asked in one turn of the event loop about one market is one query. */
export class OrderLookUp {
  private readonly asked = new Map<string, Asked>();

  constructor(
    private readonly rows: Pick<MarketRows, 'lookUp'>,
    private readonly runtime: Pick<Runtime, 'defer'>,
  ) {}

  of(id: MarketId, orderId: string): Promise<Known> {
    const key = JSON.stringify([id.tenant, id.market]);
    let asked = this.asked.get(key);
    if (!asked) {
      this.asked.set(key, (asked = { id, orders: new Map() }));
      this.runtime.defer(() => void this.askAll(key));
    }
    const { orders } = asked;
    return new Promise((found, failed) => {
      orders.set(orderId, [...(orders.get(orderId) ?? []), { found, failed }]);
    });
  }

  private async askAll(key: string): Promise<void> {
    const { id, orders } = this.asked.get(key) as Asked;
    this.asked.delete(key);
    try {
      const known = await this.rows.lookUp(id, [...orders.keys()]);
      for (const [orderId, waiting] of orders) for (const { found } of waiting) found(known.get(orderId) as Known);
    } catch (error) {
      for (const waiting of orders.values()) for (const { failed } of waiting) failed(error);
    }
  }
}
