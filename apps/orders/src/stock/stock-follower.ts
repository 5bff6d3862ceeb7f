import type { StockLine } from '@aisle/contracts';
import type { AnyEvent } from '@aisle/events';
import type { Change, OrderAddress, StandingOrder } from '../order/change-set.ts';
import type { OrderChanges } from '../order/order-changes.ts';
import { follow, markedAtRisk, partlyReserved, type StockFact } from '../order/order.ts';
import type { OrdersRepository } from '../order/orders.repository.ts';
import type { OrderSteps } from '../steps/order-steps.ts';

/** The parts that `StockFollower` uses. */
export interface StockFollowerOptions {
  readonly repository: Pick<OrdersRepository, 'standing'>;
  readonly changes: OrderChanges;
  readonly steps: Pick<OrderSteps, 'ask' | 'continueInBackground'>;
}

interface ReportedFact extends OrderAddress {
  /** `short` means that only a part was reserved. */
  readonly fact: StockFact | 'short';
  readonly missing?: readonly StockLine[];
}

/**
 * Applies the events of inventory and of markets to orders. It handles many orders at once. A repeated event has no further
 * effect.
 */
export class StockFollower {
  constructor(private readonly options: StockFollowerOptions) {}

  /** Handles events of the topic `inventory`. */
  async onInventoryEvents(events: readonly AnyEvent[]): Promise<void> {
    const facts = events.flatMap(inventoryFactsOf);
    const reserved = facts.filter(({ fact }) => fact === 'reserved');
    // The commit is requested before anything is written, so that one transaction takes an order from PENDING to CONFIRMED.
    // If this process dies in between, the event is delivered again, and the commit is repeated.
    const standing = await this.options.repository.standing(reserved);
    const answered = await this.options.steps.ask(standing.filter(wantsStock).map((order) => ({ order, step: 'commit' })));
    await this.change([...facts.map(toFollow), ...answered]);
  }

  /** Handles events of the topic `markets`. */
  async onMarketEvents(events: readonly AnyEvent[]): Promise<void> {
    await this.change(events.flatMap(changesByMarkets));
  }

  private async change(changes: readonly Change[]): Promise<void> {
    this.options.steps.continueInBackground(await this.options.changes.change(changes));
  }
}

/** Whether the order's stock should be committed: the order is undecided, and no other step is open. */
function wantsStock({ status, step }: StandingOrder): boolean {
  return (status === 'PENDING' || status === 'RESERVED') && (step === null || step === 'commit');
}

function toFollow({ tenant, id, fact, missing }: ReportedFact): Change {
  const to: Change['to'] = fact === 'short' ? partlyReserved : (order) => follow(order, fact);
  return { tenant, id, to, ...(missing ? { missing } : {}) };
}

function inventoryFactsOf({ type, tenant, data }: AnyEvent): ReportedFact[] {
  if (type === 'InventoryUpdated') {
    const { orderId: id, missing } = data;
    return [missing.length === 0 ? { tenant, id, fact: 'reserved' } : { tenant, id, fact: 'short', missing }];
  }
  // `released`: this app released the stock before it was reserved. The market's answer to that request has the reason.
  if (type !== 'InventoryRejected' || data.reason === 'released') return [];
  // Only `out_of_stock` says which units are missing.
  return [{ tenant, id: data.orderId, fact: data.reason, ...(data.reason === 'out_of_stock' ? { missing: data.missing } : {}) }];
}

function changesByMarkets({ type, tenant, data }: AnyEvent): Change[] {
  if (type === 'ReservationExpired') return [toFollow({ tenant, id: data.orderId, fact: 'expired' })];
  if (type !== 'PromisesAtRisk') return [];
  const { sku, orderIds, atRisk } = data;
  return orderIds.map((id) => ({ tenant, id, to: (order) => markedAtRisk(order, sku, atRisk) }));
}
