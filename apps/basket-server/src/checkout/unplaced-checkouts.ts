import { actorOf } from '@aisle/contracts';
import { eventsOf, type RecordedRow, type TailConsumer } from '@aisle/journal';
import { isFailure, type FailureKind, type Runtime } from '@aisle/std';
import type { BasketCheckedOut } from '../basket/basket-event.ts';
import { orderPriceOf } from '../basket/basket.ts';
import { eventOf, isChange, typeOf, type StoredEvent } from '../basket/stored-event.ts';
import type { Prices } from '../pricing/prices.ts';
import { orderOf } from './checkouts.ts';
import type { PlacedOrders } from './placed-orders.ts';
import type { Place } from './place-order.ts';

export interface UnplacedCheckoutsOptions {
  readonly place: Place;
  readonly placed: Pick<PlacedOrders, 'has'>;
  readonly prices: Prices;
  readonly runtime: Runtime;
  /** An order that orders will never take: somebody has to look. */
  readonly onRefused: (orderId: string, failure: unknown) => void;
}

/** Until then whoever checked out is at it. */
const OWN_TIME_MS = 2_000;
const DEADLINE_MS = 5_000;
const AGAIN: ReadonlySet<FailureKind> = new Set(['unavailable', 'unknown', 'throttled']);

/**
 * Ends what was begun: every checkout in the journal of this server's shards becomes an order, also when its server
 * died, or its caller gave up, before orders had answered. What this process saw taken is not sent again.
 */
export class UnplacedCheckouts implements TailConsumer {
  readonly consumer = 'checkouts';

  constructor(private readonly options: UnplacedCheckoutsOptions) {}

  async take(row: RecordedRow): Promise<boolean> {
    const checkout = checkoutIn(row);
    if (!checkout) return true;
    const { place, placed, prices, runtime, onRefused } = this.options;
    const { orderId } = checkout;
    if (placed.has(orderId)) return true;
    const nowMs = runtime.clock.nowMs();
    if (row.atMs > nowMs - OWN_TIME_MS) return false;

    const { tenant, market, id: basket } = actorOf(row.actor);
    try {
      const to = { tenant, market, orderId, deadlineMs: nowMs + DEADLINE_MS, traceparent: '' };
      await place(to, orderOf(basket, prices.at({ tenant, market }).market, orderPriceOf(checkout)));
    } catch (failure) {
      if (!isFailure(failure) || AGAIN.has(failure.kind)) throw failure;
      onRefused(orderId, failure);
    }
    return true;
  }
}

function checkoutIn(row: RecordedRow): BasketCheckedOut | undefined {
  if (isChange(row)) return undefined;
  const [stored] = eventsOf<StoredEvent>(row);
  return stored && typeOf(stored) === 'checkedOut' ? (eventOf(stored) as BasketCheckedOut) : undefined;
}
