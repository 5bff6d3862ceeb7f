import { isFailure, settleInHalves, type Runtime } from '@aisle/std';
import type { KnownOrder } from '../market/command.ts';
import type { MarketId, MarketRows } from './market-rows.repository.ts';

interface PendingLookUp {
  readonly id: MarketId;
  readonly orders: Map<string, { readonly found: (known: KnownOrder) => void; readonly failed: (error: unknown) => void }[]>;
}

/** Looks orders up in the rows. All look-ups of one market in one turn of the event loop are one query. */
export class OrderLookUp {
  private readonly pending = new Map<string, PendingLookUp>();

  constructor(
    private readonly rows: Pick<MarketRows, 'lookUp'>,
    private readonly runtime: Pick<Runtime, 'defer'>,
  ) {}

  /** Reads an order. Rejects with `DatabaseFailure.unavailable`. */
  of(id: MarketId, orderId: string): Promise<KnownOrder> {
    const key = JSON.stringify([id.tenant, id.market]);
    let pending = this.pending.get(key);
    if (!pending) {
      this.pending.set(key, (pending = { id, orders: new Map() }));
      this.runtime.defer(() => void this.readAll(key));
    }
    const { orders } = pending;
    return new Promise((found, failed) => {
      orders.set(orderId, [...(orders.get(orderId) ?? []), { found, failed }]);
    });
  }

  private async readAll(key: string): Promise<void> {
    const { id, orders } = this.pending.get(key) as PendingLookUp;
    this.pending.delete(key);
    const lookUp = async (part: readonly string[]): Promise<KnownOrder[]> => {
      const known = await this.rows.lookUp(id, part);
      return part.map((orderId) => known.get(orderId) as KnownOrder);
    };
    // An id that PostgreSQL does not accept as text must not fail other look-ups.
    const settled = await settleInHalves([...orders.keys()], lookUp, isFailure);
    for (const [index, waiting] of [...orders.values()].entries()) {
      const one = settled[index] as PromiseSettledResult<KnownOrder>;
      for (const { found, failed } of waiting) {
        if (one.status === 'fulfilled') found(one.value);
        else failed(one.reason);
      }
    }
  }
}
