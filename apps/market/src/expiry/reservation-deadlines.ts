import { clientTo, type Requester } from '@aisle/broker';
import { StockProtocol, actorKey, actorOf, type ExpireOrders } from '@aisle/contracts';
import type { Due, Wakeups, WakeupsOptions } from '@aisle/events';
import { uuidv7, type Runtime } from '@aisle/std';
import type { MarketId } from '../rows/market-rows.repository.ts';
import type { DueRows } from './due.repository.ts';

/** The parts that `ReservationDeadlines` uses. */
export interface ReservationDeadlinesOptions {
  readonly rows: Pick<DueRows, 'markets' | 'orders'>;
  readonly requester: Pick<Requester, 'request'>;
  readonly runtime: Runtime;
  readonly wakeups: (options: Pick<WakeupsOptions, 'onDue' | 'findDue'>) => Wakeups;
  /** Reports a wake-up that was not scheduled; the sweep will find its due rows. */
  readonly onFailed: (error: unknown) => void;
}

const SECOND_MS = 1_000;
const ORDERS_MAX = 500;
const ANSWER_MS = 5_000;

/**
 * Releases the stock of reservations that have ended. Every deadline is stored in a row; a wake-up only says when to look.
 * There is one wake-up for all reservations of a market that end within the same second. A sweep of the rows finds the
 * deadlines of lost wake-ups.
 */
export class ReservationDeadlines {
  private readonly wakeups: Wakeups;

  constructor(private readonly options: ReservationDeadlinesOptions) {
    const { rows, wakeups } = options;
    this.wakeups = wakeups({
      onDue: (ids) => this.expire(ids),
      findDue: async (byMs, limit) => (await rows.markets(byMs, limit)).map((due) => dueOf(due, due.dueAtMs)),
    });
  }

  /** Schedules a wake-up for a reservation that ends at `endsAtMs`, in milliseconds since 1970. */
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

  /** Sends the expiry through a manager, since another server may own the market. */
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
