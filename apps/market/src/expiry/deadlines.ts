import { clientTo, type Requester } from '@aisle/broker';
import { StockProtocol, actorKey, actorOf, type ExpireOrders } from '@aisle/contracts';
import type { Due, Wakeups, WakeupsOptions } from '@aisle/events';
import { uuidv7, type Runtime } from '@aisle/std';
import type { MarketId } from '../rows/market-rows.repository.ts';
import type { DueRows } from './due.repository.ts';

/** What the deadlines of reservations are kept with. */
export interface DeadlinesOptions {
  readonly rows: Pick<DueRows, 'markets' | 'orders'>;
  readonly requester: Pick<Requester, 'request'>;
  readonly runtime: Runtime;
  readonly wakeups: (options: Pick<WakeupsOptions, 'onDue' | 'findDue'>) => Wakeups;
  /** A wake-up was not ordered: the sweep will find what is due. */
  readonly onFailed: (error: unknown) => void;
}

const SECOND_MS = 1_000;
const ORDERS_MAX = 500;
const ANSWER_MS = 5_000;

/**
 * Gives stock back whose time is over. Every deadline is a row; what is ordered here only wakes for it, once for all
 * reservations of a market that end within a second, and whatever is lost of that the sweep of the rows makes good.
 */
export class Deadlines {
  private readonly wakeups: Wakeups;

  constructor(private readonly options: DeadlinesOptions) {
    const { rows, wakeups } = options;
    this.wakeups = wakeups({
      onDue: (ids) => this.expire(ids),
      findDue: async (byMs, limit) => (await rows.markets(byMs, limit)).map((due) => dueOf(due, due.dueAtMs)),
    });
  }

  /** A reservation was made that ends then. */
  add(id: MarketId, endsAtMs: number): void {
    this.wakeups.schedule([dueOf(id, endsAtMs)]).catch(this.options.onFailed);
  }

  close(): Promise<void> {
    return this.wakeups.close();
  }

  private async expire(ids: readonly string[]): Promise<void> {
    const keys = new Set(ids.map((id) => id.slice(0, id.lastIndexOf('@'))));
    for (const key of keys) await this.expireIn(actorOf(key));
  }

  private async expireIn(id: MarketId): Promise<void> {
    const { rows, runtime } = this.options;
    for (let found = ORDERS_MAX; found === ORDERS_MAX; ) {
      const orderIds = await rows.orders(id, runtime.clock.nowMs(), ORDERS_MAX);
      found = orderIds.length;
      if (found > 0) await this.ask(id, { orderIds });
    }
  }

  /** By way of a manager: whoever was woken, the market may live elsewhere. */
  private ask({ tenant, market }: MarketId, body: ExpireOrders): Promise<void> {
    const { requester, runtime } = this.options;
    const call = { id: uuidv7(runtime), tenant, traceparent: '', deadlineMs: runtime.clock.nowMs() + ANSWER_MS };
    return clientTo(requester, StockProtocol, { market }, call).expire(body);
  }
}

function dueOf({ tenant, market }: MarketId, endsAtMs: number): Due {
  const dueAtMs = Math.ceil(endsAtMs / SECOND_MS) * SECOND_MS;
  return { id: `${actorKey(tenant, market, market)}@${dueAtMs / SECOND_MS}`, dueAtMs };
}
