import { actorOf } from '@aisle/contracts';
import type { RecordedRow, TailConsumer } from '@aisle/journal';
import { isFailure, type FailureKind, type Runtime } from '@aisle/std';
import { orderPriceOf } from '../basket/basket.ts';
import { eventIn } from '../basket/recorded-event.ts';
import type { Prices } from '../pricing/prices.ts';
import { orderOf } from './checkouts.ts';
import type { PlacedOrderIds } from './placed-order-ids.ts';
import type { OrderPlacer } from './order-placer.ts';

/** The parts that `UnplacedCheckouts` uses. */
export interface UnplacedCheckoutsOptions {
  readonly place: OrderPlacer;
  readonly placed: Pick<PlacedOrderIds, 'has'>;
  readonly prices: Prices;
  readonly runtime: Runtime;
  /** Reports an order that the app `orders` refuses for good; a person must act. */
  readonly onRefused: (orderId: string, failure: unknown) => void;
}

/** A younger checkout is left to its own caller. */
const CALLER_TIME_MS = 2_000;
const DEADLINE_MS = 5_000;
const RETRIED: ReadonlySet<FailureKind> = new Set(['unavailable', 'unknown', 'throttled']);

/**
 * Finishes checkouts: places the order of every checkout in the journal of this server's shards. So an order is placed
 * although its server died, or its caller gave up, before `orders` answered. Orders that this process has placed are skipped.
 */
export class UnplacedCheckouts implements TailConsumer {
  readonly consumer = 'checkouts';

  constructor(private readonly options: UnplacedCheckoutsOptions) {}

  async take(row: RecordedRow): Promise<boolean> {
    const found = eventIn(row, 'checkedOut');
    if (!found) return true;
    const { event: checkout, by } = found;
    const { place, placed, prices, runtime, onRefused } = this.options;
    const { orderId } = checkout;
    if (placed.has(orderId)) return true;
    const nowMs = runtime.clock.nowMs();
    if (row.atMs > nowMs - CALLER_TIME_MS) return false;

    const { tenant, market, id: basket } = actorOf(row.actor);
    try {
      const to = { tenant, market, orderId, by, deadlineMs: nowMs + DEADLINE_MS, traceparent: '' };
      await place(to, orderOf(basket, prices.at({ tenant, market }).market, { ...orderPriceOf(checkout), opening: checkout.opening }));
    } catch (failure) {
      if (!isFailure(failure) || RETRIED.has(failure.kind)) throw failure;
      onRefused(orderId, failure);
    }
    return true;
  }
}
