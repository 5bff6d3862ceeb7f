import { isFailure, settleInHalves, type Runtime } from '@aisle/std';
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
    const lookUp = async (part: readonly string[]): Promise<Known[]> => {
      const known = await this.rows.lookUp(id, part);
      return part.map((orderId) => known.get(orderId) as Known);
    };
    // An id that PostgreSQL does not take as text is to fail nobody else's look-up.
    const settled = await settleInHalves([...orders.keys()], lookUp, isFailure);
    for (const [index, waiting] of [...orders.values()].entries()) {
      const one = settled[index] as PromiseSettledResult<Known>;
      for (const { found, failed } of waiting) {
        if (one.status === 'fulfilled') found(one.value);
        else failed(one.reason);
      }
    }
  }
}
